# Becomes process 1 of a machine: runs inside fresh namespaces, builds the file system, then waits for the end of its
# standard input. When the laboratory closes it, or dies, this process ends, and the kernel ends everything else in here.
# arguments: NAME LOWER PROGRAMS     LOWER: the chroot, changed only in memory; '-' keeps the host's files (network only)
name=$1 lower=$2 programs=$3
hostname "$name"
ip link set lo up
if [ "$lower" = - ]; then
  echo ready
  read -r _ || exit 0
fi
mount -t tmpfs -o mode=755,size=1g laboratory /mnt
mkdir /mnt/root /mnt/upper /mnt/work
mount -t overlay -o "lowerdir=$lower,upperdir=/mnt/upper,workdir=/mnt/work" overlay /mnt/root
cd /mnt/root
mkdir -p proc sys dev run tmp opt/mandos
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t tmpfs -o mode=755,size=1m dev dev
mount -t tmpfs -o mode=755,size=64m run run
mount -t tmpfs -o mode=1777,size=512m tmp tmp
for node in null:3 zero:5 full:7 random:8 urandom:9; do
  mknod -m 666 "dev/${node%:*}" c 1 "${node#*:}"
done
mkdir -p dev/pts dev/shm run/laboratory
mount -t devpts -o newinstance,ptmxmode=666,mode=620 devpts dev/pts
ln -s pts/ptmx dev/ptmx
mknod -m 666 dev/tty c 5 0
ln -s /proc/self/fd dev/fd
ln -s /proc/self/fd/0 dev/stdin
ln -s /proc/self/fd/1 dev/stdout
ln -s /proc/self/fd/2 dev/stderr
if [ -d "$programs" ]; then
  mount --bind "$programs" opt/mandos
fi
# The shell lives on as process 1 and needs nothing from its files any more: `read` is built in.
mkdir -p .outside
pivot_root . .outside
cd /
umount -l /.outside
echo ready
read -r _ || true
