"""The executor `kubernetes`: one Job for each attempt, in whatever cluster the user's kubeconfig reaches."""

from steppe.executors.kubernetes.executor import KubernetesExecutor

__all__ = ["KubernetesExecutor"]
