#!/usr/bin/python3
"""Runs plymouthd on a terminal of its own, shows its splash, and types what comes through a FIFO.

arguments: FIFO
prints: "ready" once the splash is there; "prompt: TEXT" each time a question is drawn with nothing typed yet (lines of the
text are joined with '|')
"""
import os, pty, re, select, subprocess, sys

fifo = sys.argv[1]
keys, terminal = pty.openpty()
os.mkfifo(fifo)
typed = os.open(fifo, os.O_RDWR)
os.makedirs("/run/plymouth", exist_ok=True)
# Without udev it takes the terminal it is given; the text theme needs no more.
subprocess.run(
    ["/sbin/plymouthd", "--mode=boot", "--no-boot-log", "--pid-file=/run/plymouth/pid", "--tty=" + os.ttyname(terminal),
     "--kernel-command-line=splash plymouth.ignore-udev plymouth.ignore-serial-consoles"],
    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
subprocess.run(["/bin/plymouth", "show-splash"], check=True)
print("ready", flush=True)

screen = ""
while True:
    for source in select.select([keys, typed], [], [])[0]:
        data = os.read(source, 65536)
        if source == typed:
            os.write(keys, data)
            continue
        screen += data.decode(errors="replace")
        # The question, the colon, and the cursor behind it.
        for match in re.finditer(r"\x1b\[-1;-1f([^\x1b]*):\x1b\[\?25h", screen):
            print("prompt: " + re.sub(r"\s*\n", "|", match[1].replace("\r", "")), flush=True)
            screen = screen[match.end():] if match.end() < len(screen) else ""
            break
        screen = screen[-2000:]
