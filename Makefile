# SPDX-License-Identifier: MIT
# make | make install DESTDIR= PREFIX= | make demo | make lab | make check | make attack | make faults | make bench | make bench-peers | make fuzz | make lint | make clean
# make dist | make deb | make rpm | make package-test
VERSION = 0.1.0
PREFIX ?= /usr/local
B ?= build
CC ?= gcc
PKGS = libnl-3.0 libnl-genl-3.0 libnl-route-3.0 libuv jansson inih nettle libcap-ng libseccomp
ifneq ($(filter-out clean,$(or $(MAKECMDGOALS),all)),)
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null)
# For mipclient alone: its live view.
TERM_CFLAGS := $(shell pkg-config --cflags-only-I ncursesw 2>/dev/null)
TERM_LIBS := $(shell pkg-config --libs ncursesw 2>/dev/null || echo -lncursesw -ltinfo)
# For mipagent alone, where it is installed; `make QR_LIBS=` builds without it.
QR_LIBS := $(shell pkg-config --libs libqrencode 2>/dev/null)
endif
SAN ?=
# Nothing here unwinds: 48 KiB of tables less.
OPT ?= -O2 -g -fno-asynchronous-unwind-tables
# No symbol is looked up later: the linker's table is read-only, and no register, which may hold
# half a key, is saved on the way.
NOW = -Wl,-z,relro,-z,now
WARN = -Wall -Wextra -Wconversion -Wno-sign-conversion -Wshadow -Wswitch-enum -Wmissing-prototypes \
	-Wstrict-prototypes -Wvla -Wformat=2 -Werror
# Where nobody packages libwpa_client: WPA_SRC=FOLDER of wpa_supplicant's or hostapd's source; two files of it are taken.
WPA_SRC ?=
WPA_LIB = $(if $(WPA_SRC),$(B)/libwpa_client.a)
WPA_CFLAGS = -DCONFIG_CTRL_IFACE -DCONFIG_CTRL_IFACE_UNIX $(addprefix -I$(WPA_SRC)/src/,utils common)
CFLAGS_ALL = -std=c11 -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -I. $(OPT) $(SAN) $(WARN) $(PKG_CFLAGS) \
	$(if $(WPA_SRC),-isystem $(WPA_SRC)/src/common) $(CPPFLAGS) $(CFLAGS)
LIBS = $(PKG_LIBS) $(or $(WPA_LIB),-lwpa_client) $(LDLIBS)

# The pure core: no sockets, no clock, no libuv.  `make lint` proves it with nm.
CORE = $(REPLAY) $(addprefix common/,addr burst gather split bytes drop ecn icmp mip mipcode mss miptunnel order order_keep advert auth seal dealt packet keepalive pktq kernel_said nl80211_read) \
	$(addprefix client/,discovery registration colocated lease places choice cross tunnelled through early radio radio_decide radio_hints radio_level radio_memory radio_opinion radio_rank radio_weigh wifi_parse wifi_element orders keeper keys handoff ask arrive first_agent scan uplink report out receive commands announce event data identity fallback power mobile life layer2 info around samples history missing athome) \
	$(addprefix agent/,known home kept state udptunnel bindings reverse foreign visitors moving advertise orders behalf keys deal answer relay natted buffer obey away homelink second proxy passage keep grant drain merge hold ahead send rate out info timer lookup trigger stations hostapd_parse icmp agent)
# Of the commands, what asks nobody: tested by itself.
CLI_PURE = $(addprefix client/,page page_chart page_style event_text screen watch_model watch_chart watch_layout check_judge)
# `mipclient replay`: the pure part of it; the daemon has nothing of it.
REPLAY = $(addprefix client/replay_,air engine iwd oracle rivals score supplicant total trace)
CLIENT_CLI = client/cli client/show client/show_around client/past client/watch_live client/check_look client/check_run $(CLI_PURE) client/show_explain client/replay_cli $(REPLAY)
AGENT_CLI = agent/cli agent/show agent/node agent/node_add agent/node_files agent/qr
CLIENT_DAEMON = $(filter-out $(CLIENT_CLI),$(basename $(wildcard client/*.c)))
AGENT_DAEMON = $(filter-out $(AGENT_CLI),$(basename $(wildcard agent/*.c)))
COMMON = $(basename $(wildcard common/*.c))
SYSTEMD = systemd/system sysusers.d tmpfiles.d
PROGRAMS = mipclientd mipclient mipagentd mipagent
UNITS = $(basename $(notdir $(wildcard tests/unit/test_*.c)))

obj = $(patsubst %,$(B)/obj/%.o,$(1))

all: $(addprefix $(B)/,$(PROGRAMS) stream flood pour)

$(B)/mipclientd: $(call obj,$(CLIENT_DAEMON)) $(B)/libcommon.a
$(B)/mipclient: $(call obj,$(CLIENT_CLI) client/settings client/settings_core client/settings_read client/interface) \
	$(B)/libcore.a $(B)/libcore.a $(B)/libcommon.a
$(B)/mipagentd: $(call obj,$(AGENT_DAEMON)) $(B)/libcommon.a
$(B)/mipagent: $(call obj,$(AGENT_CLI) agent/settings) $(B)/libcommon.a
$(B)/mipclient: LIBS += $(TERM_LIBS) -lm
$(B)/obj/client/watch_live.o: CFLAGS_ALL += $(TERM_CFLAGS)
$(B)/mipagent: LIBS += $(QR_LIBS)
$(B)/obj/agent/qr.o: CFLAGS_ALL += $(if $(QR_LIBS),-DHAVE_QRENCODE)
$(B)/stream: $(B)/obj/tests/stream.o
$(B)/flood: $(B)/obj/tests/bench/flood.o
$(B)/pour: $(B)/obj/tests/attack/pour.o
# Many nodes, for tests/bench: scale and thousand.
$(addprefix $(B)/,enroll crowd): $(B)/%: $(B)/obj/tests/bench/%.o $(B)/obj/tests/bench/nodes.o $(B)/libcore.a $(B)/libcommon.a
$(addprefix $(B)/,$(PROGRAMS) stream flood pour enroll crowd):
	@echo "  LD  $@"
	@$(CC) $(SAN) $(NOW) $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/obj/wpa/%.o: $(WPA_SRC)/src/%.c
	@mkdir -p $(@D)
	@echo "  CC  $@"
	@$(CC) $(OPT) $(SAN) $(CPPFLAGS) $(CFLAGS) $(WPA_CFLAGS) -c -o $@ $<
$(B)/libwpa_client.a: $(call obj,wpa/common/wpa_ctrl wpa/utils/os_unix)
$(addprefix $(B)/,libcommon.a stream flood): | $(WPA_LIB)

$(B)/libcommon.a: $(call obj,$(COMMON))
$(B)/libcore.a: $(filter $(call obj,$(REPLAY) $(CLIENT_DAEMON) $(AGENT_DAEMON)),$(call obj,$(CORE)))
$(B)/%.a:
	@rm -f $@
	@ar rcs $@ $^

$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC  $@"
	@$(CC) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(B)/libcli.a: $(call obj,$(CLI_PURE))
$(B)/unit/%: $(B)/obj/tests/unit/%.o $(B)/libcore.a $(B)/libcli.a $(B)/libcommon.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CC) $(SAN) $(LDFLAGS) -o $@ $^ $(LIBS) -lm -lcunit

# Of the shell, what has a unit test: with a supplicant in it that misbehaves.
$(B)/unit/test_wifi: $(call obj,client/wifi client/wifi_event client/wifi_link)
$(B)/unit/test_wifi: LIBS := $(B)/libcore.a $(B)/libcommon.a $(LIBS)

# And what runs programs for the daemon, with a daemon that lies.
$(B)/unit/test_helper: $(call obj,client/helper)
$(B)/unit/test_helper: LIBS := $(B)/libcommon.a $(LIBS)

SIM = $(basename $(wildcard tests/sim/*.c))
$(B)/sim: $(call obj,$(SIM)) $(B)/libcore.a $(B)/libcommon.a
	@echo "  LD  $@"
	@$(CC) $(SAN) $(LDFLAGS) -o $@ $^ $(LIBS)

# The engine's own figures; `$(B)/engine check` asserts those that cannot flake.
WRAP = -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free
$(B)/engine: $(B)/obj/tests/bench/engine.o $(B)/libcore.a $(B)/libcommon.a
	@echo "  LD  $@"
	@$(CC) $(SAN) $(LDFLAGS) $(WRAP) -o $@ $^ $(LIBS)

bench-engine: $(B)/engine
	$(B)/engine
check-engine: $(B)/engine
	$(B)/engine check

# `make sim SEEDS=n FIRST=n`; SIM_X="-x CLASS" leaves a class of random worlds out.
SEEDS ?= 2000
FIRST ?= 1
MINUTES ?= 10
SIM_X ?=
sim: $(B)/sim
	@$(B)/sim $(SIM_X) seeds $(SEEDS) $(FIRST) >$(B)/seeds.log & seeds=$$!; \
	$(B)/sim; flows=$$?; \
	wait $$seeds; seeds=$$?; \
	cat $(B)/seeds.log; exit $$((flows | seeds))

soak: $(B)/sim
	$(B)/sim $(SIM_X) soak $(MINUTES)

mutants:
	scripts/mutants

unit: $(addprefix $(B)/unit/,$(UNITS))

# A harness for each parser, tests/fuzz.  Without libFuzzer it plays the files that it is given.
FUZZ_SEEDS = $(basename $(wildcard tests/fuzz/seeds*.c))
FUZZ = $(basename $(notdir $(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_MAIN ?= $(B)/obj/tests/fuzz/replay.o
$(B)/fuzz/%: $(B)/obj/tests/fuzz/%.o $(FUZZ_MAIN) $(B)/libcore.a $(B)/libcli.a $(B)/libcommon.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CC) $(SAN) $(LDFLAGS) $(FUZZ_LD) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LIBS) -lm
$(B)/fuzz/fuzz_supplicant: $(B)/obj/client/wifi_event.o
$(B)/fuzz/fuzz_client_conf: $(call obj,client/settings client/settings_core client/settings_read client/interface)
$(B)/fuzz/fuzz_agent_conf: $(call obj,agent/settings agent/settings_core)

# What they begin with: made from vectors and unit tests, one folder a harness.
$(B)/fuzz-seeds: $(call obj,$(FUZZ_SEEDS)) $(B)/libcore.a $(B)/libcommon.a
	@echo "  LD  $@"
	@$(CC) $(SAN) $(LDFLAGS) -o $@ $^ $(LIBS)
$(B)/fuzz-corpus: $(B)/fuzz-seeds $(wildcard tests/unit/*.[ch] tests/vectors/* tests/traces/* packaging/*.conf)
	@rm -rf $@
	@$(B)/fuzz-seeds $@

fuzzers: $(addprefix $(B)/fuzz/,$(FUZZ)) $(B)/fuzz-corpus
# `make fuzz MINUTES=n`: each harness for so long, two at a time.
fuzz:
	B=$(B) MINUTES=$(MINUTES) tests/fuzz/run

# The same tests with the address and undefined behaviour sanitizers; leaks fail.
unit-san:
	$(MAKE) B=$(B)/san SAN="-fsanitize=address,undefined -fno-sanitize-recover=all" OPT="-O1 -g" unit fuzzers

print-core:
	@echo $(filter $(call obj,$(REPLAY) $(CLIENT_DAEMON) $(AGENT_DAEMON) $(COMMON)),$(call obj,$(CORE)))

# The four below install what is missing (and say so first), then build in a make of their own,
# which sees what was installed.
demo:
	scripts/demo
lab:
	scripts/lab-shell
check:
	scripts/check
bench:
	scripts/bench
# An hour in the lab, a walk every 20 s.
long: all
	scripts/setup lab
	LIMIT=$${LIMIT:-14400} B=$(B) tests/wifi/run long
# Peers side by side, an hour or more; `make bench-peers WALKS=2 DISTANCES=10` is quick.
bench-peers:
	scripts/bench peers
# As root: an attacker's every kind of message, 10,000 a second, while ten nodes hand off.
attack: all
	scripts/setup attack
	B=$(B) tests/attack/run
# As root: what can break is broken, at each step of a handoff; then a thousand handoffs with random kills.
faults: all
	scripts/setup check
	B=$(B) tests/faults/run
	B=$(B) tests/faults/thousand
lint:
	BUILD=$(B) scripts/lint

# Of what is committed; the same commit gives the same bytes.
dist:
	scripts/dist
deb:
	scripts/deb
rpm:
	scripts/rpm
package-test:
	scripts/package-test

install: all
	install -d $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(B)/mipclientd $(B)/mipagentd $(DESTDIR)$(PREFIX)/sbin/
	install -m 755 $(B)/mipclient $(B)/mipagent $(DESTDIR)$(PREFIX)/bin/
	for s in 1 5 7 8; do \
		install -d $(DESTDIR)$(PREFIX)/share/man/man$$s && \
		install -m 644 man/*.$$s $(DESTDIR)$(PREFIX)/share/man/man$$s/ || exit 1; done
	install -d $(addprefix $(DESTDIR)$(PREFIX)/share/doc/mipclient/,openrc hooks.d apparmor) $(addprefix $(DESTDIR)$(PREFIX)/lib/,$(SYSTEMD))
	install -m 644 README.md CHANGELOG.md SECURITY.md packaging/*.conf $(DESTDIR)$(PREFIX)/share/doc/mipclient/
	for s in packaging/openrc/*; do \
		sed 's|/usr/local/sbin/|$(PREFIX)/sbin/|' $$s > $(DESTDIR)$(PREFIX)/share/doc/mipclient/openrc/$${s##*/} || exit 1; done
	install -m 644 packaging/sysusers.d/mip.conf $(DESTDIR)$(PREFIX)/lib/sysusers.d/
	install -m 644 packaging/tmpfiles.d/mip.conf $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/
	install -m 755 packaging/hooks.d/* $(DESTDIR)$(PREFIX)/share/doc/mipclient/hooks.d/
	install -m 644 packaging/apparmor/* $(DESTDIR)$(PREFIX)/share/doc/mipclient/apparmor/
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d $(DESTDIR)$(PREFIX)/share/zsh/site-functions
	for p in mipclient mipagent; do \
		install -m 644 packaging/completions/mip.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/$$p && \
		install -m 644 packaging/completions/mip.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/$$p.fish || \
		exit 1; done
	install -m 644 packaging/completions/_mip $(DESTDIR)$(PREFIX)/share/zsh/site-functions/
	for u in packaging/systemd/*.service; do \
		sed 's|/usr/local/sbin/|$(PREFIX)/sbin/|' $$u > $(DESTDIR)$(PREFIX)/lib/systemd/system/$${u##*/} || exit 1; done
	[ -n "$(DESTDIR)" ] || ! command -v systemd-sysusers >/dev/null || \
		systemd-sysusers $(PREFIX)/lib/sysusers.d/mip.conf || echo "There is no user mip: systemd-sysusers as root makes it"

clean:
	rm -rf $(B)

.PHONY: all sim soak mutants unit unit-san fuzz fuzzers print-core demo lab check attack faults long bench bench-peers bench-engine check-engine lint dist deb rpm package-test install clean
.SECONDARY:
-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)
