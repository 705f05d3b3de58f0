"""What a program on python3-kubernetes does with a cluster. Argument: kubeconfig. Prints one line a step."""

import sys
import threading
import time

from kubernetes import client, config, utils, watch
from kubernetes.client.rest import ApiException
from kubernetes.stream import stream

config.load_kube_config(sys.argv[1])
core = client.CoreV1Api()
apps = client.AppsV1Api()
namespace = "python"
deadline_seconds = 60


def say(*words):
    print(*words, flush=True)


def eventually(what, ask):
    end = time.monotonic() + deadline_seconds
    while time.monotonic() < end:
        answer = ask()
        if answer:
            return answer
        time.sleep(0.1)
    raise SystemExit(f"not in time: {what}")


say("version", client.VersionApi().get_code().major)
core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name=namespace)))

# A watch that sees what happens after its list.
start = core.list_namespaced_config_map(namespace)
seen = []


def follow():
    events = watch.Watch().stream(
        core.list_namespaced_config_map,
        namespace,
        resource_version=start.metadata.resource_version,
        timeout_seconds=deadline_seconds,
    )
    for event in events:
        seen.append((event["type"], event["object"].metadata.name))
        if event["type"] == "DELETED":
            return


follower = threading.Thread(target=follow, daemon=True)
follower.start()
core.create_namespaced_config_map(namespace, client.V1ConfigMap(metadata=client.V1ObjectMeta(name="one"), data={"a": "1"}))
core.patch_namespaced_config_map("one", namespace, {"data": {"b": "2"}})
core.delete_namespaced_config_map("one", namespace)
follower.join(deadline_seconds)
say("watched", *(f"{kind}:{name}" for kind, name in seen if name == "one"))

# Errors arrive as the library's own.
try:
    core.read_namespaced_config_map("one", namespace)
except ApiException as error:
    say("error", error.status, error.reason)

# A list in pages.
for n in range(7):
    core.create_namespaced_config_map(namespace, client.V1ConfigMap(metadata=client.V1ObjectMeta(name=f"page-{n}")))
names, token = [], None
while True:
    page = core.list_namespaced_config_map(namespace, limit=3, _continue=token, field_selector="metadata.name!=kube-root-ca.crt")
    names += [item.metadata.name for item in page.items]
    token = page.metadata._continue
    if not token:
        break
say("paged", len(names), len(set(names)))

# A manifest, its rollout, a scale and a command in one of its pods.
utils.create_from_dict(
    client.ApiClient(),
    {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": namespace},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {
                    "terminationGracePeriodSeconds": 0,
                    "containers": [{"name": "web", "image": "busybox", "command": ["sleep", "3600"]}],
                },
            },
        },
    },
)
eventually("one replica", lambda: apps.read_namespaced_deployment("web", namespace).status.ready_replicas == 1)
apps.patch_namespaced_deployment_scale("web", namespace, {"spec": {"replicas": 2}})
eventually("two replicas", lambda: apps.read_namespaced_deployment("web", namespace).status.ready_replicas == 2)
pods = core.list_namespaced_pod(namespace, label_selector="app=web").items
say("running", len(pods), *sorted({pod.status.phase for pod in pods}))
answer = stream(
    core.connect_get_namespaced_pod_exec,
    pods[0].metadata.name,
    namespace,
    command=["sh", "-c", "echo from $0; echo oops >&2; exit 3", "python"],
    stderr=True,
    stdin=False,
    stdout=True,
    tty=False,
    _preload_content=False,
)
answer.run_forever(timeout=deadline_seconds)
say("exec", answer.read_stdout().strip(), answer.read_stderr().strip(), answer.returncode)

core.delete_namespace(namespace)


def gone():
    try:
        core.read_namespace(namespace)
        return False
    except ApiException as error:
        return error.status == 404


eventually("the namespace is gone", gone)
say("gone")
