"""What a program in a pod finds by its in-cluster configuration. Prints one line a step."""

import os

from kubernetes import client, config
from kubernetes.config.incluster_config import InClusterConfigLoader
from kubernetes.client.rest import ApiException

folder = os.environ.get("NAVARCH_SERVICE_ACCOUNT_DIR")
if folder is None:
    config.load_incluster_config()
    folder = "/var/run/secrets/kubernetes.io/serviceaccount"
else:  # where pods have no mounts of their own
    InClusterConfigLoader(f"{folder}/token", f"{folder}/ca.crt").load_and_set()
with open(f"{folder}/namespace") as file:
    namespace = file.read()

core = client.CoreV1Api()
print("pods", *sorted(pod.metadata.name for pod in core.list_namespaced_pod(namespace).items), flush=True)
try:
    core.list_node()
except ApiException as error:
    print("nodes", error.status, flush=True)
review = client.AuthorizationV1Api().create_self_subject_rules_review({"spec": {"namespace": namespace}})
print("rules", any("configmaps" in rule.resources for rule in review.status.resource_rules), flush=True)
