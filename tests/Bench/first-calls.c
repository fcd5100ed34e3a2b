/*
 * Runs a program and writes down which of its functions are called, in the order of their first call, with all threads
 * and all processes that it starts from the same file. x86-64.
 *
 * usage: first-calls SYMBOLS RESULT PROGRAM [ARGUMENT...]
 *   SYMBOLS  lines of "address name", as nm(1) prints them without the type; addresses in hexadecimal
 *   RESULT   gets the names, one a line
 *
 * A breakpoint stands at the beginning of each function and is taken away when it is hit. Needs root: the program
 * forbids every other user to look at it.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_PROCESSES = 64, LONGEST_LINE = 4096 };
static const unsigned char breakpoint = 0xCC;

struct function { unsigned long address; char *name; int called; };
struct process { int id; unsigned long base; int memory; };

static struct function *functions;
static size_t function_count;
static struct process processes[MOST_PROCESSES];
static size_t process_count;
static unsigned char *original;

static int compare(const void *left, const void *right)
{
    const struct function *a = left, *b = right;
    return (a->address > b->address) - (a->address < b->address);
}

static void read_functions(const char *path)
{
    FILE *file = fopen(path, "r");
    char line[LONGEST_LINE];
    size_t room = 0;
    if (!file)
        err(1, "%s", path);
    while (fgets(line, sizeof line, file)) {
        char *name;
        unsigned long address = strtoul(line, &name, 16);
        name += strspn(name, " ");
        name[strcspn(name, "\n")] = 0;
        if (function_count == room && !(functions = realloc(functions, (room = room * 2 + 1024) * sizeof *functions)))
            err(1, "memory");
        functions[function_count++] = (struct function){ address, strdup(name), 0 };
    }
    fclose(file);
    if (!function_count)
        errx(1, "%s: no functions", path);
    qsort(functions, function_count, sizeof *functions, compare);
}

static struct process *process_of(int id)
{
    for (size_t i = 0; i < process_count; i++)
        if (processes[i].id == id)
            return &processes[i];
    if (process_count == MOST_PROCESSES)
        errx(1, "more than %d processes", MOST_PROCESSES);
    processes[process_count] = (struct process){ id, 0, -1 };
    return &processes[process_count++];
}

/* The process that a thread belongs to. */
static int owner_of(int thread)
{
    char path[64], line[256];
    int id = thread;
    snprintf(path, sizeof path, "/proc/%d/status", thread);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file) && sscanf(line, "Tgid: %d", &id) != 1)
        ;
    if (file)
        fclose(file);
    return id;
}

/* Sets all breakpoints in a process that has just executed the program; any other program runs as it is. */
static void set_breakpoints(int id, const char *program)
{
    char path[64], line[LONGEST_LINE];
    struct process *process = process_of(id);
    process->base = 0;
    snprintf(path, sizeof path, "/proc/%d/maps", id);
    FILE *maps = fopen(path, "r");
    while (maps && fgets(line, sizeof line, maps))
        if (strstr(line, program)) {
            process->base = strtoul(line, NULL, 16);
            break;
        }
    if (maps)
        fclose(maps);
    if (!process->base)
        return;
    unsigned long first = functions[0].address;
    size_t length = functions[function_count - 1].address - first + 1;
    unsigned char *code = malloc(length);
    snprintf(path, sizeof path, "/proc/%d/mem", id);
    process->memory = open(path, O_RDWR | O_CLOEXEC);
    if (!code || pread(process->memory, code, length, (off_t)(process->base + first)) != (ssize_t)length)
        err(1, "%s", path);
    if (!original && (original = malloc(length)))
        memcpy(original, code, length);
    for (size_t i = 0; i < function_count; i++)
        code[functions[i].address - first] = breakpoint;
    if (pwrite(process->memory, code, length, (off_t)(process->base + first)) != (ssize_t)length)
        err(1, "%s", path);
    free(code);
}

/* True if the thread stopped at one of ours: it goes on as if nothing had been there. */
static int take_breakpoint(int thread, FILE *result)
{
    struct user_regs_struct registers;
    struct process *process = process_of(owner_of(thread));
    if (!process->base || ptrace(PTRACE_GETREGS, thread, 0, &registers))
        return 0;
    struct function key = { registers.rip - 1 - process->base, NULL, 0 };
    struct function *function = bsearch(&key, functions, function_count, sizeof *functions, compare);
    if (!function)
        return 0;
    while (function > functions && function[-1].address == function->address)
        function--;
    /* Bodies that are the same are one function of several names. */
    for (struct function *one = function; !function->called && one < functions + function_count && one->address == function->address; one++)
        fprintf(result, "%s\n", one->name);
    function->called = 1;
    if (pwrite(process->memory, original + (function->address - functions[0].address), 1, (off_t)(process->base + function->address)) != 1)
        err(1, "cannot take a breakpoint away");
    registers.rip--;
    ptrace(PTRACE_SETREGS, thread, 0, &registers);
    return 1;
}

int main(int count, char **arguments)
{
    int status, end = 0;
    if (count < 4)
        errx(2, "usage: first-calls SYMBOLS RESULT PROGRAM [ARGUMENT...]");
    read_functions(arguments[1]);
    FILE *result = fopen(arguments[2], "w");
    if (!result)
        err(1, "%s", arguments[2]);
    int program = fork();
    if (program == 0) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        raise(SIGSTOP);
        execv(arguments[3], arguments + 3);
        err(127, "%s", arguments[3]);
    }
    waitpid(program, &status, 0);
    ptrace(PTRACE_SETOPTIONS, program, 0, PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL);
    ptrace(PTRACE_CONT, program, 0, 0);
    for (int thread; (thread = waitpid(-1, &status, __WALL)) > 0;) {
        if (!WIFSTOPPED(status)) {
            if (thread == program)
                end = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
            continue;
        }
        int signal = WSTOPSIG(status), event = status >> 16;
        if (event == PTRACE_EVENT_EXEC)
            set_breakpoints(thread, arguments[3]);
        /* A stop that begins a thread, or one of our own making, is no signal for the program. */
        if (event || signal == SIGSTOP || (signal == SIGTRAP && take_breakpoint(thread, result)))
            signal = 0;
        ptrace(PTRACE_CONT, thread, 0, signal);
    }
    fclose(result);
    return end;
}
