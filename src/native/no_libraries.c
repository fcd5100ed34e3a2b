/*
 * What a static program must never do, answered at link time.
 *
 * glibc can load shared libraries and name service modules even from a static executable. In an initramfs there is
 * nothing to load, and a program that parses bytes from the network must not find anything to load either. These
 * definitions take the place of the C library's, so the code behind them is not even linked.
 */
#include <errno.h>
#include <grp.h>
#include <netdb.h>
#include <pwd.h>
#include <stddef.h>
#include <sys/types.h>

void *dlopen(const char *file, int mode)
{
    (void)file;
    (void)mode;
    return NULL;
}

void *dlsym(void *handle, const char *name)
{
    (void)handle;
    (void)name;
    return NULL;
}

int dlclose(void *handle)
{
    (void)handle;
    return 0;
}

char *dlerror(void)
{
    return (char *)"a static program loads no library";
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **result)
{
    (void)node;
    (void)service;
    (void)hints;
    *result = NULL;
    return EAI_FAIL;
}

void freeaddrinfo(struct addrinfo *list)
{
    (void)list;
}

int getnameinfo(const struct sockaddr *address, socklen_t length, char *host, socklen_t host_size, char *service,
                socklen_t service_size, int flags)
{
    (void)address;
    (void)length;
    (void)host;
    (void)host_size;
    (void)service;
    (void)service_size;
    (void)flags;
    return EAI_FAIL;
}

int getpwuid_r(uid_t uid, struct passwd *record, char *buffer, size_t size, struct passwd **result)
{
    (void)uid;
    (void)record;
    (void)buffer;
    (void)size;
    *result = NULL;
    return ENOENT;
}

int getpwnam_r(const char *name, struct passwd *record, char *buffer, size_t size, struct passwd **result)
{
    (void)name;
    (void)record;
    (void)buffer;
    (void)size;
    *result = NULL;
    return ENOENT;
}

int getgrgid_r(gid_t gid, struct group *record, char *buffer, size_t size, struct group **result)
{
    (void)gid;
    (void)record;
    (void)buffer;
    (void)size;
    *result = NULL;
    return ENOENT;
}

int getgrouplist(const char *user, gid_t group, gid_t *groups, int *count)
{
    (void)user;
    (void)group;
    (void)groups;
    *count = 0;
    return -1;
}

/* The name under which the C library reaches it; where it has no such name, this stands unused. */
void *__dlopen(const char *file, int mode);
void *__dlopen(const char *file, int mode)
{
    return dlopen(file, mode);
}
