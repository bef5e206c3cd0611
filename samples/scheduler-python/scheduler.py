"""A scheduler for Modular: each pod goes to the first node, by name, that it fits."""

import collections
import json
import os
import sys
import threading
from concurrent import futures

import grpc

import plugin_pb2
import scheduler_pb2

WORKERS = 16


class Node:
    """A node with what is left of it."""

    def __init__(self, name):
        self.name = name
        self.known = None  # The node as the cluster has it; None while only its pods are known.
        self.pods = {}  # Pods that take room, by uid.

    def used(self, resource):
        return sum(amount(pod.requests, resource) for pod in self.pods.values())

    def refusal(self, pod):
        """Why a pod does not fit, in Kubernetes' words; None if it fits."""
        node = self.known
        if node.unschedulable and not tolerates(pod, "node.kubernetes.io/unschedulable", "", "NoSchedule"):
            return "node(s) were unschedulable"
        for taint in node.taints:
            if taint.effect in ("NoSchedule", "NoExecute") and not tolerates(pod, taint.key, taint.value, taint.effect):
                return "node(s) had untolerated taint {%s: %s}" % (taint.key, taint.value)
        if any(node.labels.get(key) != value for key, value in pod.node_selector.items()):
            return "node(s) didn't match Pod's node affinity/selector"
        if any(conflicts(a, b) for other in self.pods.values() for a in other.host_ports for b in pod.host_ports):
            return "node(s) didn't have free ports for the requested pod ports"
        for resource in ("pods", "cpu", "memory", *pod.requests.extended):
            wanted = amount(pod.requests, resource)
            if wanted > 0 and self.used(resource) + wanted > amount(node.allocatable, resource):
                return "Too many pods" if resource == "pods" else "Insufficient " + resource
        return None


class Session:
    """One picture of the cluster and the decisions made on it."""

    def __init__(self):
        self.revision = 0
        self.nodes = {}
        self.places = {}  # The node of each pod, by uid.

    def update(self, delta):
        if delta.base != 0 and delta.base != self.revision:
            return False
        if delta.base == 0:
            self.nodes, self.places = {}, {}
        for name in delta.removed_nodes:
            if name in self.nodes:
                self.nodes[name].known = None
        for node in delta.nodes:
            self.node(node.name).known = node
        for uid in delta.removed_pods:
            self.leave(uid)
        for pod in delta.pods:
            self.enter(pod, pod.node_name)
        self.revision = delta.revision
        return True

    def place(self, pod):
        refused = collections.Counter()
        for name in sorted(self.nodes):
            node = self.nodes[name]
            if node.known is None:
                continue
            reason = node.refusal(pod)
            if reason is None:
                self.enter(pod, name)
                return scheduler_pb2.Placement(pod_uid=pod.uid, node_name=name)
            refused[reason] += 1
        return scheduler_pb2.Placement(
            pod_uid=pod.uid,
            refused=[scheduler_pb2.RefusedNodes(reason=reason, count=count) for reason, count in sorted(refused.items())],
        )

    def node(self, name):
        return self.nodes.setdefault(name, Node(name))

    def enter(self, pod, name):
        self.leave(pod.uid)
        self.places[pod.uid] = name
        self.node(name).pods[pod.uid] = pod

    def leave(self, uid):
        name = self.places.pop(uid, None)
        if name is not None:
            del self.nodes[name].pods[uid]


def amount(amounts, resource):
    if resource == "pods":
        return amounts.pods
    if resource == "cpu":
        return amounts.milli_cpu
    return amounts.memory if resource == "memory" else amounts.extended.get(resource, 0)


def tolerates(pod, key, value, effect):
    return any(
        t.effect in ("", effect) and t.key in ("", key) and (t.operator == "Exists" or (t.key and t.value == value))
        for t in pod.tolerations
    )


def conflicts(a, b):
    any_address = ("", "0.0.0.0", "::")
    return a.port == b.port and a.protocol == b.protocol and (a.ip == b.ip or a.ip in any_address or b.ip in any_address)


class Plugin:
    """The steps of the plugin's life, which this one has little to do for."""

    def provision(self, request, context):
        unknown = sorted(json.loads(request.configuration or "{}"))
        if unknown:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, "scheduler-python has no setting '%s'; it has none" % unknown[0])
        return plugin_pb2.ProvisionReply()

    def watch(self, request, context):
        ended = threading.Event()
        context.add_callback(ended.set)
        ended.wait()
        return iter(())


def sessions(requests, context):
    """One scheduling session: each question is answered before the next."""
    session = Session()
    for request in requests:
        kind = request.WhichOneof("request")
        if kind == "open":
            yield scheduler_pb2.SessionReply(opened=scheduler_pb2.Opened())
        elif kind == "update":
            yield scheduler_pb2.SessionReply(updated=scheduler_pb2.Updated(accepted=session.update(request.update)))
        elif kind == "place":
            placements = [session.place(pod) for pod in request.place.pods]
            yield scheduler_pb2.SessionReply(placed=scheduler_pb2.Placements(placements=placements))


def services():
    plugin = Plugin()

    def unary(method, request, reply):
        return grpc.unary_unary_rpc_method_handler(method, request.FromString, reply.SerializeToString)

    yield grpc.method_handlers_generic_handler("modular.plugin.v1alpha1.Plugin", {
        "Provision": unary(plugin.provision, plugin_pb2.ProvisionRequest, plugin_pb2.ProvisionReply),
        "Start": unary(lambda request, context: plugin_pb2.StartReply(), plugin_pb2.StartRequest, plugin_pb2.StartReply),
        "Stop": unary(lambda request, context: plugin_pb2.StopReply(), plugin_pb2.StopRequest, plugin_pb2.StopReply),
        "Check": unary(lambda request, context: plugin_pb2.CheckReply(), plugin_pb2.CheckRequest, plugin_pb2.CheckReply),
        "Watch": grpc.unary_stream_rpc_method_handler(
            plugin.watch, plugin_pb2.WatchRequest.FromString, plugin_pb2.Condition.SerializeToString),
    })
    yield grpc.method_handlers_generic_handler("modular.scheduler.v1alpha1.Scheduler", {
        "OpenSession": grpc.stream_stream_rpc_method_handler(
            sessions, scheduler_pb2.SessionRequest.FromString, scheduler_pb2.SessionReply.SerializeToString),
    })


def main():
    unbounded = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=WORKERS), options=unbounded)
    server.add_generic_rpc_handlers(tuple(services()))
    server.add_insecure_port("unix:" + os.environ["MODULAR_PLUGIN_SOCKET"])
    server.start()
    print("modular-plugin 1", flush=True)
    # The host keeps the input open as long as it lives.
    sys.stdin.buffer.read()
    os._exit(0)


main()
