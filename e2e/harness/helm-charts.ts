/** Charts that the Helm suites install: a folder's files by name. */
type Files = Readonly<Record<string, string>>;

/** A web server that runs, with settings that tell what the templates saw, and a subchart. */
export const shopChart: Files = {
  "values.yaml": "greeting: hello\nreplicas: 1\nimage: busybox\n",
  "templates/NOTES.txt": "{{ .Release.Name }} says {{ .Values.greeting }} in revision {{ .Release.Revision }}\n",
  "templates/settings.yaml": `
apiVersion: v1
kind: ConfigMap
metadata: { name: {{ .Release.Name }}-settings }
data:
  greeting: {{ .Values.greeting }}
  {{- with .Values.shape }}
  shape: {{ . }}
  {{- end }}
{{- if .Values.shape }}
---
apiVersion: v1
kind: ConfigMap
metadata: { name: {{ .Release.Name }}-shape }
{{- end }}
`,
  "templates/web.yaml": `
apiVersion: apps/v1
kind: Deployment
metadata: { name: {{ .Release.Name }} }
spec:
  replicas: {{ .Values.replicas }}
  selector: { matchLabels: { app: {{ .Values.app | default .Release.Name }} } }
  template:
    metadata: { labels: { app: {{ .Values.app | default .Release.Name }} } }
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - name: web
          image: {{ .Values.image }}
          {{- if eq .Values.image "busybox" }}
          command: [sleep, "3600"]
          {{- end }}
          env: [{ name: GREETING, value: {{ .Values.greeting | quote }} }]
---
apiVersion: v1
kind: Service
metadata: { name: {{ .Release.Name }} }
spec: { selector: { app: {{ .Release.Name }} }, ports: [{ name: http, port: 80, targetPort: 8080 }] }
`,
  "templates/check.yaml": `
apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}-check
  annotations: { helm.sh/hook: test, helm.sh/hook-delete-policy: before-hook-creation }
spec:
  restartPolicy: Never
  terminationGracePeriodSeconds: 0
  containers: [{ name: check, image: busybox, command: [sh, -c, "echo checked; exit {{ .Values.checkCode | default 0 }}"] }]
`,
  "templates/gate.yaml": `
{{- if hasKey .Values "gateCode" }}
apiVersion: v1
kind: Pod
metadata: { name: {{ .Release.Name }}-gate, annotations: { helm.sh/hook: "post-install,post-upgrade" } }
spec:
  restartPolicy: Never
  terminationGracePeriodSeconds: 0
  containers: [{ name: gate, image: busybox, command: [sh, -c, "exit {{ .Values.gateCode }}"] }]
{{- end }}
`,
  "charts/db/Chart.yaml": "apiVersion: v2\nname: db\nversion: 0.1.0\n",
  "charts/db/values.yaml": "size: small\n",
  "charts/db/templates/settings.yaml": `
apiVersion: v1
kind: ConfigMap
metadata: { name: {{ .Release.Name }}-db }
data: { size: {{ .Values.size }}, zone: {{ .Values.global.zone | default "none" }} }
`,
};
