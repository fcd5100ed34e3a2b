# Each target installs the Debian packages that it needs (and says which and why) and can be run again at any time.
# Nothing is started on this machine or its network: peers run in chroots and namespaces that tests create.

SHELL := /bin/bash
DESTDIR ?=
PREFIX ?= /usr
MINUTES ?= 5
SLN := Mandos.Client.sln
# The longest first: two run at a time.
UNIT := Mandos.Server.Tests Mandos.Core.Tests Mandos.Client.Tests Mandos.Bus.Tests Mandos.Keygen.Tests Mandos.Control.Tests Mandos.Monitor.Tests Mandos.Web.Tests Mandos.Notify.Tests Mandos.CommandLine.Tests Mandos.Architecture.Tests
# Those that include tests in their own namespaces.
NEEDS_ROOT := Mandos.Client.Tests Mandos.Server.Tests
export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1

.PHONY: help html install-html build demo tour check quick format compile unit test published interop boot bench fuzz install deb clean clean-all locks audit sbom reproduce release-suites need-sdk need-build need-check need-interop need-boot need-deb

help:
	@echo 'make build      publish every program, stripped, into artifacts/bin (5 minutes on two cores, 1 GB with the NuGet packages)'
	@echo 'make demo       demonstration: two fresh Debian machines, packages, enrolment, reboot, monitor, in namespaces (root)'
	@echo 'make tour       the same, and write docs/tour.md with its output and pictures (root)'
	@echo 'make check      compile (format among it), unit (no root)'
	@echo 'make quick      build and test only what the working tree changes (unit suites)'
	@echo 'make format     fix the format of the sources'
	@echo 'make compile    build everything with warnings as errors'
	@echo 'make unit       unit and property tests'
	@echo 'make test       all tests: check, then interop beside five minutes of fuzz, and boot (root; about an hour the first time, 10 GB in /var/cache/mandos-tests)'
	@echo 'make interop    tests with the real peers in chroots and namespaces (root)'
	@echo 'make release-suites  the Release build of the server suites, which make interop runs with the libraries of Debian 13'
	@echo 'make published  what make test builds beside the unit suites: release-suites and deb, and whether that is reproducible'
	@echo 'make boot       tests that boot virtual machines in QEMU (root)'
	@echo 'make bench      measure beside the original (client, server, initramfs, boots), into docs/benchmarks.md (root)'
	@echo 'make fuzz       fuzz every parser, guided by coverage; MINUTES=5 for all of them'
	@echo 'make audit      report known vulnerabilities and deprecated versions of NuGet packages (asks nuget.org)'
	@echo 'make sbom       list the components of the programs, CycloneDX, in artifacts/sbom (gets the tool from nuget.org)'
	@echo 'make reproduce  build the programs and packages in two directories and compare them byte for byte (20 minutes)'
	@echo 'make install    install the output of `make build` into DESTDIR and PREFIX (default /usr)'
	@echo 'make html       write man pages and documents as HTML into artifacts/html'
	@echo 'make install-html  install them into DESTDIR and PREFIX/share/doc/mandos-dotnet/html'
	@echo 'make deb        build the Debian packages into artifacts/deb'
	@echo 'make locks      update packages.lock.json after a change of versions'
	@echo 'make clean      remove the build output'
	@echo 'make clean-all  the same, and the cache of the tests in /var/cache/mandos-tests (root)'

need-sdk:
	@command -v dotnet >/dev/null || { echo 'make: error: the .NET 10 SDK is missing' >&2; echo 'hint: install package dotnet-sdk-10.0, or the SDK by hand, so that dotnet is on the PATH' >&2; exit 1; }

need-build: need-sdk
	@scripts/need.sh 'compiling to machine code' gcc libc6-dev binutils

# What is missing is printed for all of them at once: without root and sudo it takes a person to install it.
need-check: need-sdk
	@status=0; need() { scripts/need.sh "$$@" || status=1; }; \
	need 'the differential test of the configuration grammar' python3-minimal libpython3-stdlib; \
	need 'secrets in the form of upstream Mandos' gpg gpg-agent gpgconf; \
	need 'initramfs images in tests' xz-utils lz4 zstd; \
	need 'a private D-Bus for tests' dbus-daemon libsystemd0; \
	need 'tests of processes and of the linker output' procps binutils; \
	[ "$$(id -u)" != 0 ] || need 'tests in their own network namespaces' iproute2 util-linux; \
	exit $$status

need-interop: need-build
	@scripts/need.sh 'manual pages and documents as HTML' mandoc cmark-gfm
	@scripts/need.sh 'tests with the real peers in chroots and network namespaces' mmdebstrap iproute2 util-linux procps python3-minimal libpython3-stdlib

need-boot: need-interop
	@scripts/need.sh 'virtual machines that boot in QEMU' qemu-system-x86

need-deb:
	@scripts/need.sh 'building Debian packages' dpkg-dev xz-utils

build: need-build
	@scripts/build.sh

format: need-sdk
	@echo '== format'
	@dotnet restore $(SLN) -v quiet
	@dotnet format whitespace $(SLN) --no-restore

compile: need-sdk
	@echo '== build'
	@dotnet build $(SLN) -v quiet -nologo -clp:NoSummary

# The suites of what uses SQLite and libsystemd, as they run with those of Debian 13 (tests/Interop/Clients/SystemLibraryTests.cs).
release-suites: need-sdk
	@echo '== Release build of the server suites'
	@for suite in Mandos.Server.Tests Mandos.Bus.Tests; do dotnet build tests/$$suite -c Release -v quiet -nologo -clp:NoSummary || exit 1; done

unit: need-check compile
	@scripts/test.sh $(UNIT)

check: need-sdk
	@began=$$SECONDS; $(MAKE) --no-print-directory need-check unit && echo "make check took $$((SECONDS - began)) s"

quick: need-check
	@scripts/quick.sh $(UNIT)

# Tests that need root are skipped by `check` and run as root here.
# The published programs are built beside the unit suites: both wait a lot.
test: need-check need-interop need-boot need-deb compile
	@scripts/test.sh make:published $(foreach suite,$(UNIT),$(if $(filter $(suite),$(NEEDS_ROOT)),both:$(suite),$(suite))) then fuzz:$(MINUTES) root:Interop then root:Boot

# What the tests with real peers need, and that its build is reproducible.
published: release-suites deb
	@scripts/reproduce.sh --managed

interop: compile release-suites need-interop deb
	@scripts/test.sh root:Interop

boot: compile need-boot deb
	@scripts/test.sh root:Boot

demo: need-build need-deb
	@scripts/demo.sh

tour: need-build need-deb
	@scripts/demo.sh --tour docs

bench: need-boot build
	@scripts/bench.sh

fuzz: need-sdk
	@scripts/fuzz.sh $(MINUTES)

install:
	@scripts/install.sh '$(DESTDIR)' '$(PREFIX)'

html:
	@scripts/need.sh 'manual pages and documents as HTML' mandoc cmark-gfm
	@scripts/html.sh

install-html: html
	@install -d '$(DESTDIR)$(PREFIX)/share/doc/mandos-dotnet/html'
	@install -m 644 artifacts/html/*.html '$(DESTDIR)$(PREFIX)/share/doc/mandos-dotnet/html'
	@install -D -m 644 -t '$(DESTDIR)$(PREFIX)/share/doc/mandos-dotnet/html/pictures' artifacts/html/pictures/*.svg
	@echo '$(DESTDIR)$(PREFIX)/share/doc/mandos-dotnet/html'

deb: build need-deb sbom
	@scripts/deb.sh

locks: need-sdk
	MandosUpdateLocks=true dotnet restore $(SLN) --force-evaluate

audit: need-sdk
	@scripts/audit.sh

sbom: need-build need-deb
	@scripts/sbom.sh

reproduce: need-build need-deb
	@scripts/reproduce.sh

clean-all: clean
	@scripts/clean-cache.sh

clean:
	rm -rf artifacts
	find src tests -name bin -o -name obj | xargs rm -rf
