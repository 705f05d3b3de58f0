#!/bin/sh
# reaper.sh DIR: waits until whoever started it ends, however that happens, and takes away what a containerd with this
# folder has left: programs, mounts, network namespaces (their interfaces go with them), NAT chains, cgroups, the folder.
dir=$1
case "$dir" in */navarch-ctrd-??????) ;; *) exit 2 ;; esac
read -r _

ids=$(cd "$dir" && ls -1 root/io.containerd.grpc.v1.cri/sandboxes state/io.containerd.grpc.v1.cri/sandboxes \
  root/io.containerd.grpc.v1.cri/containers state/io.containerd.runtime.v2.task/k8s.io 2>/dev/null |
  grep -E '^[0-9a-f]{64}$' | sort -u)

end() {
  sed -n 's,^/proc/\([0-9]*\)/.*,\1,p' | grep -vx $$ | while read -r pid; do kill -KILL "$pid" 2>/dev/null; done
}
# First those that could start others: the agent, containerd, shims. Twice: one may have been about to start another.
for _ in 1 2; do printf '%s/\n' "$dir" | grep -lFf - /proc/[0-9]*/cmdline 2>/dev/null | end; done
# An empty list would name every process.
[ -z "$ids" ] || printf '%s\n' "$ids" | grep -lFf - /proc/[0-9]*/cgroup 2>/dev/null | end

mounts() { awk -v dir="$dir/" 'index($5, dir) == 1 { print $5 }' /proc/self/mountinfo | sort -r; }
mounts | while read -r path; do umount -l "$path"; done

[ -z "$ids" ] || rules=$(iptables -w -t nat -S 2>/dev/null)
for id in $ids; do
  own=$(printf '%s\n' "$rules" | grep -F "$id" | grep '^-A ') || continue
  chains=$(printf '%s\n' "$own" | sed -n 's/.* -j \(CNI-[0-9a-zA-Z-]*\)$/\1/p' | grep -v '^CNI-HOSTPORT-' | sort -u)
  {
    echo '*nat'
    printf '%s\n' "$own" | sed 's/^-A /-D /'
    for chain in $chains; do printf -- '-F %s\n-X %s\n' "$chain" "$chain"; done
    echo COMMIT
  } | iptables-restore -w --noflush
done

[ -z "$ids" ] || groups=$(find /sys/fs/cgroup -depth -type d 2>/dev/null)
for id in $ids; do
  printf '%s\n' "$groups" | grep -F "$id" | while read -r group; do
    for _ in 1 2 3 4 5; do rmdir "$group" 2>/dev/null && break || sleep 0.1; done
    case "${group%/*}" in */*pod*) rmdir "${group%/*}" 2>/dev/null ;; esac
  done
done

[ -z "$(mounts)" ] && rm -rf "$dir"
