# SPDX-License-Identifier: MIT
# make | make install DESTDIR= PREFIX= | make demo | make check | make bench | make lint | make clean
VERSION = 0.1.0
PREFIX ?= /usr/local
B ?= build
CC ?= gcc
PKGS = libnl-3.0 libnl-genl-3.0 libnl-route-3.0 libuv jansson inih nettle
ifneq ($(filter-out clean,$(or $(MAKECMDGOALS),all)),)
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null)
# For mipagent alone, where it is installed; `make QR_LIBS=` builds without it.
QR_LIBS := $(shell pkg-config --libs libqrencode 2>/dev/null)
endif
SAN ?=
OPT ?= -O2 -g
WARN = -Wall -Wextra -Wconversion -Wno-sign-conversion -Wshadow -Wswitch-enum -Wmissing-prototypes \
	-Wstrict-prototypes -Wvla -Wformat=2 -Werror
CFLAGS_ALL = -std=c11 -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -I. $(OPT) $(SAN) $(WARN) $(PKG_CFLAGS) $(CFLAGS)
LIBS = $(PKG_LIBS) -lwpa_client $(LDLIBS)

# The pure core: no sockets, no clock, no libuv.  `make lint` proves it with nm.
CORE = $(addprefix common/,addr burst gather split bytes drop mip mipcode mss miptunnel order order_keep advert auth dealt packet pktq) \
	$(addprefix client/,discovery registration colocated lease places choice cross tunnelled early radio radio_level radio_rank wifi_parse orders keeper keys handoff ask arrive first_agent scan uplink report out receive commands data identity fallback mobile life layer2 info missing athome) \
	$(addprefix agent/,known home kept state udptunnel bindings reverse foreign visitors moving advertise orders behalf keys deal answer relay buffer obey away homelink proxy passage keep grant drain merge hold ahead send rate out info timer lookup trigger stations hostapd_parse agent)
CLIENT_CLI = client/cli client/show
AGENT_CLI = agent/cli agent/show agent/node agent/node_add agent/node_files agent/qr
CLIENT_DAEMON = $(filter-out $(CLIENT_CLI),$(basename $(wildcard client/*.c)))
AGENT_DAEMON = $(filter-out $(AGENT_CLI),$(basename $(wildcard agent/*.c)))
COMMON = $(basename $(wildcard common/*.c))
PROGRAMS = mipclientd mipclient mipagentd mipagent
UNITS = $(basename $(notdir $(wildcard tests/unit/test_*.c)))

obj = $(patsubst %,$(B)/obj/%.o,$(1))

all: $(addprefix $(B)/,$(PROGRAMS) stream flood)

$(B)/mipclientd: $(call obj,$(CLIENT_DAEMON)) $(B)/libcommon.a
$(B)/mipclient: $(call obj,$(CLIENT_CLI)) $(B)/libcommon.a
$(B)/mipagentd: $(call obj,$(AGENT_DAEMON)) $(B)/libcommon.a
$(B)/mipagent: $(call obj,$(AGENT_CLI) agent/settings) $(B)/libcommon.a
$(B)/mipagent: LIBS += $(QR_LIBS)
$(B)/obj/agent/qr.o: CFLAGS_ALL += $(if $(QR_LIBS),-DHAVE_QRENCODE)
$(B)/stream: $(B)/obj/tests/stream.o
$(B)/flood: $(B)/obj/tests/bench/flood.o
$(addprefix $(B)/,$(PROGRAMS) stream flood):
	@echo "  LD  $@"
	@$(CC) $(SAN) $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/libcommon.a: $(call obj,$(COMMON))
$(B)/libcore.a: $(filter $(call obj,$(CLIENT_DAEMON) $(AGENT_DAEMON)),$(call obj,$(CORE)))
$(B)/%.a:
	@rm -f $@
	@ar rcs $@ $^

$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC  $@"
	@$(CC) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(B)/unit/%: $(B)/obj/tests/unit/%.o $(B)/libcore.a $(B)/libcommon.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CC) $(SAN) $(LDFLAGS) -o $@ $^ $(LIBS) -lcunit

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
	$(B)/sim
	$(B)/sim $(SIM_X) seeds $(SEEDS) $(FIRST)

soak: $(B)/sim
	$(B)/sim $(SIM_X) soak $(MINUTES)

mutants:
	scripts/mutants

unit: $(addprefix $(B)/unit/,$(UNITS))

# The same tests with the address and undefined behaviour sanitizers; leaks fail.
unit-san:
	$(MAKE) B=$(B)/san SAN="-fsanitize=address,undefined -fno-sanitize-recover=all" OPT="-O1 -g" unit

print-core:
	@echo $(filter $(call obj,$(CLIENT_DAEMON) $(AGENT_DAEMON) $(COMMON)),$(call obj,$(CORE)))

# The three below install what is missing (and say so first), then build in a make of their own,
# which sees what was installed.
demo:
	scripts/demo
check:
	scripts/check
bench:
	scripts/bench
lint:
	BUILD=$(B) scripts/lint

install: all
	install -d $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(B)/mipclientd $(B)/mipagentd $(DESTDIR)$(PREFIX)/sbin/
	install -m 755 $(B)/mipclient $(B)/mipagent $(DESTDIR)$(PREFIX)/bin/
	for s in 1 5 7 8; do \
		install -d $(DESTDIR)$(PREFIX)/share/man/man$$s && \
		install -m 644 man/*.$$s $(DESTDIR)$(PREFIX)/share/man/man$$s/ || exit 1; done
	install -d $(DESTDIR)$(PREFIX)/share/doc/mipclient $(DESTDIR)$(PREFIX)/lib/systemd/system
	install -m 644 README.md CHANGELOG.md packaging/*.conf $(DESTDIR)$(PREFIX)/share/doc/mipclient/
	for u in packaging/systemd/*.service; do \
		sed 's|/usr/local/sbin/|$(PREFIX)/sbin/|' $$u > $(DESTDIR)$(PREFIX)/lib/systemd/system/$${u##*/} || exit 1; done

clean:
	rm -rf $(B)

.PHONY: all sim soak mutants unit unit-san print-core demo check bench bench-engine check-engine lint install clean
.SECONDARY:
-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)
