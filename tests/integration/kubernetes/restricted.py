"""The restricted pod security standard (Kubernetes 1.36), as far as pods of ours can break it."""

VOLUMES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
    "image",
}


def violations(spec):
    """Return what an admission controller would say of a pod's spec."""
    found = []
    of_pod = spec.get("securityContext") or {}
    found += [f"host namespaces ({name}=true)" for name in ("hostNetwork", "hostPID", "hostIPC") if spec.get(name)]
    for volume in spec.get("volumes") or ():
        kind = next(key for key in volume if key != "name")
        if kind not in VOLUMES:
            found.append(f'restricted volume types (volume "{volume["name"]}" uses restricted volume type "{kind}")')
    for container in spec.get("containers") or ():
        name, own = container["name"], container.get("securityContext") or {}
        if own.get("privileged"):
            found.append(f'privileged (container "{name}" must not set securityContext.privileged=true)')
        if own.get("allowPrivilegeEscalation") is not False:
            found.append(
                f'allowPrivilegeEscalation != false (container "{name}" must set '
                "securityContext.allowPrivilegeEscalation=false)"
            )
        capabilities = own.get("capabilities") or {}
        if "ALL" not in (capabilities.get("drop") or ()) or set(capabilities.get("add") or ()) - {"NET_BIND_SERVICE"}:
            found.append(
                f'unrestricted capabilities (container "{name}" must set securityContext.capabilities.drop=["ALL"])'
            )
        if (own.get("runAsNonRoot") or of_pod.get("runAsNonRoot")) is not True:
            found.append(f'runAsNonRoot != true (pod or container "{name}" must set securityContext.runAsNonRoot=true)')
        if 0 in (own.get("runAsUser"), of_pod.get("runAsUser")):
            found.append("runAsUser=0 (pod must not set runAsUser=0)")
        profile = (own.get("seccompProfile") or of_pod.get("seccompProfile") or {}).get("type")
        if profile not in ("RuntimeDefault", "Localhost"):
            found.append(
                f'seccompProfile (pod or container "{name}" must set securityContext.seccompProfile.type to '
                '"RuntimeDefault" or "Localhost")'
            )
    return found
