/*
 * The network process of mandos-client, forked before the runtime starts.
 *
 * Every process of a position independent program writes the addresses of more than a megabyte of type data when it starts.
 * Two that are forked after that share these pages. A fork is safe only here: this runs before main(), and the process has
 * one thread.
 *
 *   supervisor  ── words, descriptors 0 to n - 1 ──▶  prepared process, which goes on as if it was executed with them
 *
 * Its runtime starts beside the supervisor's, on another processor, while the supervisor reads its command line. Until it has
 * its words it holds nothing but its end of the channel, and ends with the supervisor. There may be none (no memory, a
 * program that is not mandos-client): the supervisor then executes its own file, as it does when the process was killed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

enum {
    MOST_DESCRIPTORS = 16,
    MOST_BYTES = 16 * 1024,
    LAST_STANDARD = 2,
    CHANNEL = 64, /* Above every number that the process gets. */
    MOST_OPEN_BEFORE_CLOSE_RANGE = 1024,
};

union control {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(MOST_DESCRIPTORS * sizeof(int))];
};

static pid_t prepared;
static int channel = -1;

/* Of the prepared process. */
static bool is_prepared;
static char *title;
static size_t title_room;

int __real_main(int argc, char **argv);
int __wrap_main(int argc, char **argv);
int prepared_process_start(const int *descriptors, int count, const char *words, int length);
int prepared_process_receive(char *words, int room);

/* Called by its own name, and not for another role: that is its first argument. Without the process all is well, too. */
static bool is_client(int argc, char **argv)
{
    static const char name[] = "mandos-client";
    if (argc < 1)
        return false;
    const char *slash = strrchr(argv[0], '/');
    return strcmp(slash ? slash + 1 : argv[0], name) == 0 && (argc == 1 || argv[1][0] == '-');
}

/* The runtime ends with -1 and without a word if it cannot start. */
static int run(int argc, char **argv)
{
    errno = 0;
    int status = __real_main(argc, argv);
    if (status != -1)
        return status;
    const char *reason = errno == 0 ? "no memory or no threads" : strerror(errno);
    dprintf(STDERR_FILENO, "mandos-client: error: the system refused a resource at the start: %s\n", reason);
    return EX_OSERR;
}

static void close_from_to(unsigned first, unsigned last)
{
    if (close_range(first, last, 0) == 0)
        return;
    /* Kernels before 5.9. */
    for (unsigned number = first; number <= last && number < MOST_OPEN_BEFORE_CLOSE_RANGE; number++)
        close((int)number);
}

/* As after execve(2): nothing of the environment. Finds where ps(1) looks for the words of the process. */
static void forget(int argc, char **argv)
{
    for (char **variable = environ; *variable; variable++)
        explicit_bzero(*variable, strlen(*variable));
    environ[0] = NULL;
    title = argv[0];
    for (int i = 0; i < argc && argv[i] == title + title_room; i++)
        title_room += strlen(argv[i]) + 1;
}

/*
 * In the prepared process: waits for its words, each with a zero behind it, and its descriptors, which get the numbers from 0
 * up. The result is the length of the words; 0 in every other process. Ends the process if the supervisor ends before that.
 */
int prepared_process_receive(char *words, int room)
{
    if (!is_prepared)
        return 0;
    is_prepared = false;
    union control control;
    struct iovec buffer = { words, (size_t)room };
    struct msghdr message = {
        .msg_iov = &buffer, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control
    };
    ssize_t length;
    do
        length = recvmsg(CHANNEL, &message, 0);
    while (length < 0 && errno == EINTR);
    const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (length <= 0 || words[length - 1] != 0 || (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) || !header ||
        header->cmsg_type != SCM_RIGHTS)
        _exit(0);
    int count = (int)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    const int *descriptors = (const int *)CMSG_DATA(header);
    for (int i = 0; i < MOST_DESCRIPTORS; i++) {
        if (i >= count)
            close(i);
        else if (dup3(descriptors[i], i, i > LAST_STANDARD ? O_CLOEXEC : 0) != i || close(descriptors[i]) != 0)
            abort();
    }
    close(CHANNEL);
    memset(title, 0, title_room);
    memcpy(title, words, (size_t)length < title_room ? (size_t)length : title_room - 1);
    return (int)length;
}

static int be_prepared(int argc, char **argv, int end)
{
    /* Signals of the terminal are the supervisor's to handle. */
    setpgid(0, 0);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    if (end != CHANNEL && dup2(end, CHANNEL) < 0)
        _exit(0);
    /* Not the output of the supervisor above all: who reads it waits for its end. */
    close_from_to(0, CHANNEL - 1);
    close_from_to(CHANNEL + 1, ~0u);

    /* The numbers that its descriptors will get are not the runtime's. */
    for (int number = 0; number < MOST_DESCRIPTORS; number++) {
        if (dup(CHANNEL) != number)
            _exit(0);
    }
    forget(argc, argv);
    is_prepared = true;
    static char name[] = "mandos-client", role[] = "network-process", prepared_word[] = "prepared";
    static char *arguments[] = { name, role, prepared_word, NULL };
    exit(run(3, arguments));
}

static void prepare(int argc, char **argv)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return;
    /* A standard stream is closed: its number is not ours. */
    bool usable = ends[0] > LAST_STANDARD && ends[1] > LAST_STANDARD;
    /* Our parent may ignore it; then the kernel would throw the exit status away. */
    struct sigaction action;
    if (usable && sigaction(SIGCHLD, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
        signal(SIGCHLD, SIG_DFL);
    pid_t process = usable ? fork() : -1;
    if (process == 0)
        be_prepared(argc, argv, ends[1]);
    close(ends[1]);
    if (process < 0) {
        close(ends[0]);
        return;
    }
    /* Both do it: either may be first. */
    setpgid(process, process);
    prepared = process;
    channel = ends[0];
}

/* In the place of the runtime's main(), by the linker's --wrap. */
int __wrap_main(int argc, char **argv)
{
    if (is_client(argc, argv))
        prepare(argc, argv);
    return run(argc, argv);
}

/*
 * Lets the process go on with these words, each with a zero behind it, and these descriptors. The result is its number, or
 * 0 if there is none, or none any more. It leads its own group. Works once.
 */
int prepared_process_start(const int *descriptors, int count, const char *words, int length)
{
    if (channel < 0)
        return 0;
    union control control;
    memset(&control, 0, sizeof control);
    struct iovec buffer = { (char *)words, (size_t)length };
    struct msghdr message = { .msg_iov = &buffer, .msg_iovlen = 1, .msg_control = &control };
    bool fits = count > 0 && count <= MOST_DESCRIPTORS && length <= MOST_BYTES;
    if (fits) {
        message.msg_controllen = CMSG_SPACE((size_t)count * sizeof(int));
        control.header.cmsg_level = SOL_SOCKET;
        control.header.cmsg_type = SCM_RIGHTS;
        control.header.cmsg_len = CMSG_LEN((size_t)count * sizeof(int));
        memcpy(CMSG_DATA(&control.header), descriptors, (size_t)count * sizeof(int));
    }
    bool sent = fits && sendmsg(channel, &message, MSG_NOSIGNAL) == length;
    close(channel);
    channel = -1;
    return sent ? prepared : 0;
}
