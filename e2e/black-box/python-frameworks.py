"""What builds on python3-kubernetes: the dynamic client of openshift (as Ansible uses it) and Patroni, whose members
elect their leader by ConfigMaps or Endpoints. Arguments: kubeconfig, folder of Patroni's modules. Prints one line a step."""

import os
import sys
import time

sys.path.append(sys.argv[2])
os.environ["KUBECONFIG"] = sys.argv[1]
from kubernetes import client, config
from openshift.dynamic import DynamicClient
from patroni.dcs import kubernetes as patroni

config.load_kube_config(sys.argv[1])
core = client.CoreV1Api()
namespace = "frameworks"
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


core.create_namespace({"metadata": {"name": namespace}})

dynamic = DynamicClient(client.ApiClient())
maps = dynamic.resources.get(api_version="v1", kind="ConfigMap")


def manifest(**data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m", "namespace": namespace}, "data": data}


maps.apply(body=manifest(a="1", b="2"), namespace=namespace)
say("applied", sorted(maps.apply(body=manifest(b="3", c="4"), namespace=namespace).data.items()))

deployments = dynamic.resources.get(api_version="apps/v1", kind="Deployment")
sleeper = {"name": "c", "image": "busybox", "command": ["sleep", "3600"]}
deployments.create(
    body={
        "metadata": {"name": "web"},
        "spec": {
            "replicas": 0,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [sleeper]}},
        },
    },
    namespace=namespace,
)
# A Scale is patched by something that says it is a Deployment.
scaled = deployments.scale.patch(
    body={"kind": "Deployment", "metadata": {"name": "web", "namespace": namespace}, "spec": {"replicas": 1}}
)
say("scaled", scaled.kind, scaled.spec.replicas)
say("found", sorted(resource.kind for resource in dynamic.resources.search(kind="ConfigMap")))

for name in ("first", "second"):
    core.create_namespaced_pod(
        namespace,
        {
            "metadata": {"name": name, "labels": {"application": "patroni", "cluster-name": "demo"}},
            "spec": {"terminationGracePeriodSeconds": 0, "containers": [sleeper]},
        },
    )


def member(name, use_endpoints):
    address = eventually("an address", lambda: core.read_namespaced_pod(name, namespace).status.pod_ip)
    return patroni.Kubernetes(
        {
            "namespace": namespace,
            "scope": "demo",
            "name": name,
            "labels": {"application": "patroni"},
            "scope_label": "cluster-name",
            "role_label": "role",
            "loop_wait": 5,
            "ttl": 60,
            "retry_timeout": 10,
            "use_endpoints": use_endpoints,
            "pod_ip": address,
            "patronictl": False,
            "context": config.list_kube_config_contexts()[1]["name"],
        }
    )


def leader(asked):
    found = asked.get_cluster().leader
    return (found and found.name) or ""


for use_endpoints in (False, True):
    first, second = member("first", use_endpoints), member("second", use_endpoints)
    say("initialized", bool(first.initialize(sysid="7")), bool(second.initialize(sysid="7")))
    for one in (first, second):
        one.get_cluster()
        one.touch_member({"state": "running", "role": "replica"})
    eventually("the first leads", first.attempt_to_acquire_leader)
    eventually("the second sees the first lead", lambda: leader(second) == "first")
    eventually("the first renews", lambda: first.update_leader(1))
    first.manual_failover("first", "second")
    eventually("the second hears of the switch", lambda: second.get_cluster().failover)
    first.delete_leader()
    eventually("nobody leads", lambda: not leader(second))
    eventually("the second leads", second.attempt_to_acquire_leader)
    eventually("the first sees the second lead", lambda: leader(first) == "second")
    say("led by", leader(first), sorted(one.name for one in first.get_cluster().members))
    first.delete_cluster()
core.delete_namespace(namespace)
os._exit(0)
