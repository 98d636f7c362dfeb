"""The executor `kubernetes`: one Job for each attempt, in whatever cluster the user's kubeconfig reaches."""
