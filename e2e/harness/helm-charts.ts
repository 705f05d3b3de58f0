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

/** What a template asks the server. */
export const askingChart: Files = {
  "templates/answers.yaml": `
apiVersion: v1
kind: ConfigMap
metadata: { name: {{ .Release.Name }} }
data:
  version: {{ .Capabilities.KubeVersion.Version }}
  minor: {{ .Capabilities.KubeVersion.Minor | quote }}
  has: {{ list (.Capabilities.APIVersions.Has "apps/v1") (.Capabilities.APIVersions.Has "apps/v1/Deployment") (.Capabilities.APIVersions.Has "batch/v1beta1/CronJob") (.Capabilities.APIVersions.Has "autoscaling/v2/HorizontalPodAutoscaler") | join " " }}
  uid: {{ dig "metadata" "uid" "none" (lookup "v1" "Namespace" "" "kube-system") }}
  nobody: {{ lookup "v1" "Namespace" "" "nobody" | toJson | quote }}
`,
};

/** Kinds of every group, most of them with defaults of the server's that the chart does not name. */
export const kindsChart: Files = {
  "templates/core.yaml": `
apiVersion: v1
kind: ServiceAccount
metadata: { name: {{ .Release.Name }} }
---
apiVersion: v1
kind: Secret
metadata: { name: {{ .Release.Name }} }
stringData: { password: hunter2 }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: {{ .Release.Name }}, annotations: { helm.sh/resource-policy: keep } }
data: { a: "1" }
binaryData: { b: Yg== }
---
apiVersion: v1
kind: Service
metadata: { name: {{ .Release.Name }} }
spec: { type: NodePort, selector: { app: kinds }, ports: [{ name: http, port: 80, targetPort: http }, { name: dns, port: 53, protocol: UDP }] }
---
apiVersion: v1
kind: Service
metadata: { name: {{ .Release.Name }}-headless }
spec: { clusterIP: None, publishNotReadyAddresses: true, selector: { app: kinds }, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: {{ .Release.Name }} }
spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } }
---
apiVersion: v1
kind: LimitRange
metadata: { name: {{ .Release.Name }} }
spec: { limits: [{ type: Container, default: { memory: 1024Mi } }] }
---
apiVersion: v1
kind: ResourceQuota
metadata: { name: {{ .Release.Name }} }
spec: { hard: { pods: "100", requests.cpu: 2000m } }
`,
  "templates/workloads.yaml": `
{{- define "pods" }}
metadata: { labels: { app: kinds } }
spec:
  containers: [{ name: main, image: busybox, ports: [{ name: http, containerPort: 8080 }], resources: { requests: { cpu: 0.1, memory: 64Mi } }, readinessProbe: { httpGet: { port: http } } }]
  volumes: [{ name: settings, configMap: { name: {{ .Release.Name }} } }]
{{- end }}
apiVersion: apps/v1
kind: Deployment
metadata: { name: {{ .Release.Name }} }
spec:
  replicas: 0
  selector: { matchLabels: { app: kinds } }
  template: {{- include "pods" . | nindent 4 }}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: {{ .Release.Name }} }
spec:
  serviceName: {{ .Release.Name }}-headless
  selector: { matchLabels: { app: kinds } }
  template: {{- include "pods" . | nindent 4 }}
  volumeClaimTemplates: [{ metadata: { name: data }, spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } } }]
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: {{ .Release.Name }} }
spec:
  selector: { matchLabels: { app: kinds } }
  template:
    metadata: { labels: { app: kinds } }
    spec: { hostNetwork: true, containers: [{ name: main, image: busybox, ports: [{ name: http, containerPort: 9100 }] }] }
---
apiVersion: batch/v1
kind: CronJob
metadata: { name: {{ .Release.Name }} }
spec:
  schedule: "*/5 * * * *"
  jobTemplate: { spec: { template: { spec: { restartPolicy: Never, containers: [{ name: main, image: busybox }] } } } }
---
apiVersion: batch/v1
kind: Job
metadata: { name: {{ .Release.Name }} }
spec: { template: { spec: { restartPolicy: Never, containers: [{ name: main, image: busybox }] } } }
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: {{ .Release.Name }} }
spec: { minAvailable: 1, selector: { matchLabels: { app: kinds } } }
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: {{ .Release.Name }} }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: {{ .Release.Name }} }
  maxReplicas: 3
  metrics: [{ type: Resource, resource: { name: cpu, target: { type: Utilization, averageUtilization: 80 } } }]
`,
  "templates/others.yaml": `
{{- $cluster := printf "%s-%s" .Release.Namespace .Release.Name }}
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: {{ .Release.Name }} }
rules: [{ apiGroups: [""], resources: [configmaps], verbs: [get] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: {{ .Release.Name }} }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: {{ .Release.Name }} }
subjects: [{ kind: ServiceAccount, name: {{ .Release.Name }} }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: {{ $cluster }} }
rules: [{ nonResourceURLs: [/metrics], verbs: [get] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: {{ $cluster }} }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {{ $cluster }} }
subjects: [{ kind: ServiceAccount, name: {{ .Release.Name }}, namespace: {{ .Release.Namespace }} }]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: {{ .Release.Name }} }
spec:
  rules: [{ host: shop.example.com, http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: {{ .Release.Name }}, port: { name: http } } } }] } }]
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: { name: {{ $cluster }} }
spec: { controller: example.com/ingress }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: {{ .Release.Name }} }
spec: { podSelector: {}, ingress: [{ from: [{ podSelector: { matchLabels: { app: kinds } } }], ports: [{ port: 80 }] }] }
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: { name: {{ $cluster }} }
value: 1000
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: { name: {{ $cluster }} }
provisioner: example.com/none
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: { name: {{ $cluster }} }
webhooks:
  - name: check.example.com
    admissionReviewVersions: [v1]
    sideEffects: None
    clientConfig: { service: { name: {{ .Release.Name }}, namespace: {{ .Release.Namespace }} } }
    rules: [{ apiGroups: [example.com], apiVersions: [v1], operations: [CREATE], resources: [gizmos] }]
`,
};

/** Hooks at every station; which of them there are left in the end says in which order they ran. */
export const hooksChart: Files = {
  "values.yaml": `
hooks:
  b-third: { when: "pre-install", weight: 5, delete: hook-succeeded }
  a-second: { when: pre-install, weight: 0 }
  c-first: { when: pre-install, weight: -5 }
  last: { when: "post-install,post-upgrade" }
  back: { when: "pre-rollback,post-rollback" }
  bye: { when: "post-delete" }
`,
  "templates/hooks.yaml": `
{{- $hooks := .Values.hooks }}
{{- if .Values.fail }}{{ $hooks = set $hooks "broken" (dict "when" "pre-upgrade" "delete" "hook-failed" "run" "exit 3") }}{{ end }}
{{- range $name, $hook := $hooks }}
---
apiVersion: v1
kind: Pod
metadata:
  name: {{ $name }}
  annotations:
    helm.sh/hook: {{ $hook.when | quote }}
    helm.sh/hook-weight: {{ $hook.weight | default 0 | quote }}
    helm.sh/hook-delete-policy: {{ $hook.delete | default "before-hook-creation" | quote }}
spec:
  restartPolicy: Never
  terminationGracePeriodSeconds: 0
  containers: [{ name: hook, image: busybox, command: [sh, -c, {{ $hook.run | default "true" | quote }}] }]
{{- end }}
`,
  "templates/settings.yaml": `
apiVersion: v1
kind: ConfigMap
metadata: { name: {{ .Release.Name }} }
data: { revision: {{ .Release.Revision | quote }} }
`,
};

/** A hook that only a Job's controller could end. */
export const jobChart: Files = {
  "templates/job.yaml": `
apiVersion: batch/v1
kind: Job
metadata: { name: {{ .Release.Name }}-migrate, annotations: { helm.sh/hook: pre-install } }
spec: { template: { spec: { restartPolicy: Never, containers: [{ name: migrate, image: busybox, command: ["true"] }] } } }
`,
};

/** A kind of its own, and where wanted an object of it. */
export const definitionChart: Files = {
  "crds/gizmos.yaml": `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: gizmos.example.com }
spec:
  group: example.com
  scope: Namespaced
  names: { plural: gizmos, singular: gizmo, kind: Gizmo }
  versions: [{ name: v1, served: true, storage: true, schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } } }]
`,
  "templates/all.yaml": `
apiVersion: v1
kind: ConfigMap
metadata: { name: {{ .Release.Name }} }
---
{{- if .Values.gizmo }}
apiVersion: example.com/v1
kind: Gizmo
metadata: { name: one }
{{- end }}
`,
};

/** A field that no Deployment has. */
export const wrongChart: Files = {
  "templates/web.yaml": `
apiVersion: apps/v1
kind: Deployment
metadata: { name: {{ .Release.Name }} }
spec:
  replicas: 0
  nonsense: 1
  selector: { matchLabels: { app: web } }
  template: { metadata: { labels: { app: web } }, spec: { containers: [{ name: web, image: busybox }] } }
`,
};

/** One object. */
export const mapChart: Files = {
  "templates/map.yaml": `
apiVersion: v1
kind: ConfigMap
metadata: { name: {{ .Release.Name }} }
data:
  mine: {{ .Values.mine | default 1 | quote }}
  {{- with .Values.more }}
  more: {{ . | quote }}
  {{- end }}
`,
};
