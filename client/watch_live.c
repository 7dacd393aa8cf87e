/* SPDX-License-Identifier: MIT */
#include "client/watch_live.h"

#include "client/watch.h"
#include "common/control.h"
#include "common/log.h"

#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <time.h>
#include <unistd.h>

#define ESCAPE 27
#define REDRAW 0.5 /* s: the curve moves by half a column */

struct live {
	struct cli *cli;
	struct watch watch;
	SCREEN *terminal;
	bool utf8, quit;
	struct control_call *events, *status; /* status: NULL when none is asked for */
	double ask_at, draw_at;
	int error;	 /* of either, 0: none */
	json_t *refused; /* NULL: nothing was */
};

static volatile sig_atomic_t told; /* to end, by this signal */

static void on_signal(int signum)
{
	told = signum;
}

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void clock_text(char out[WATCH_CLOCK_MAX])
{
	time_t t = time(NULL);
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL || strftime(out, WATCH_CLOCK_MAX, "%H:%M:%S", &tm) == 0)
		out[0] = '\0';
}

/* ---- the terminal ---- */

static attr_t attributes[INK_COUNT] = {
    [INK_DIM] = A_DIM, [INK_TITLE] = A_BOLD, [INK_WARN] = A_BOLD, [INK_BAD] = A_BOLD};

static void set_colors(void)
{
	static const short color[INK_COUNT] = {[INK_GOOD] = COLOR_GREEN,
					       [INK_WARN] = COLOR_YELLOW,
					       [INK_BAD] = COLOR_RED,
					       [INK_CURVE] = COLOR_CYAN};
	const char *no = getenv("NO_COLOR"); /* https://no-color.org */

	if ((no != NULL && no[0] != '\0') || !has_colors() || start_color() == ERR)
		return;
	use_default_colors();
	for (int i = 0; i < INK_COUNT; i++)
		if (color[i] != 0 && init_pair((short)i, color[i], -1) == OK)
			attributes[i] |= (attr_t)COLOR_PAIR(i);
}

/* False: this one cannot.  It is asked first, since newterm() takes the signals for good. */
static bool open_terminal(struct live *l)
{
	const char *move;
	int err;

	if (setupterm(NULL, STDOUT_FILENO, &err) == ERR)
		return false;
	move = tigetstr("cup");
	if (move == NULL || move == (char *)-1) /* no cursor can be moved */
		return false;
	l->terminal = newterm(NULL, stdout, stdin);
	if (l->terminal == NULL)
		return false;
	set_term(l->terminal);
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	curs_set(0);
	set_escdelay(25);
	set_colors();
	return true;
}

static void close_terminal(struct live *l)
{
	endwin();
	delscreen(l->terminal);
}

static void draw(struct live *l)
{
	struct screen s;
	char clock[WATCH_CLOCK_MAX];
	int rows, cols;

	getmaxyx(stdscr, rows, cols);
	clock_text(clock);
	screen_init(&s, (unsigned)cols, (unsigned)rows, l->utf8);
	watch_draw(&l->watch, now_s(), clock, &s);
	erase();
	for (unsigned y = 0; y < s.height; y++) {
		for (unsigned x = 0; x < s.width; x++) {
			const struct cell *c = &s.cell[y * s.width + x];

			if (c->text[0] == '\0')
				continue;
			attrset((int)attributes[c->ink]);
			mvaddstr((int)y, (int)x, c->text);
		}
	}
	refresh();
	screen_free(&s);
	l->draw_at = now_s() + REDRAW;
}

static void take_keys(struct live *l)
{
	int key;

	while ((key = getch()) != ERR) {
		if (key == 'q' || key == 'Q' || key == ESCAPE)
			l->quit = true;
		else if (key == 'L' - '@') /* Ctrl-L */
			clearok(curscr, TRUE);
		l->draw_at = 0; /* KEY_RESIZE, too */
	}
}

/* ---- the daemon ---- */

static void take_events(struct live *l)
{
	char clock[WATCH_CLOCK_MAX];
	json_t *e;

	clock_text(clock);
	while ((e = control_next(l->events, false)) != NULL) {
		if (json_object_get(e, "ok") != NULL) {
			l->refused = e;
			return;
		}
		if (watch_event(&l->watch, e, now_s(), clock))
			l->ask_at = 0;
		l->draw_at = 0;
		json_decref(e);
	}
	if (errno != EAGAIN)
		l->error = errno;
}

static void ask_status(struct live *l)
{
	l->status = control_begin(l->cli->socket, "status", 0, NULL);
	if (l->status == NULL)
		l->error = errno;
}

static void take_status(struct live *l)
{
	json_t *o = control_next(l->status, false);

	if (o == NULL && errno == EAGAIN)
		return;
	if (o == NULL) {
		l->error = errno;
	} else if (json_is_true(json_object_get(o, "ok"))) {
		watch_status(&l->watch, o);
		l->draw_at = 0;
	} else { /* too many clients: there is the next time */
		json_decref(o);
	}
	control_end(l->status);
	l->status = NULL;
	l->ask_at = now_s() + watch_patience(&l->watch);
}

/* ---- both ---- */

static void wait_for(struct live *l, const sigset_t *meanwhile)
{
	struct pollfd p[3] = {
	    {.fd = STDIN_FILENO, .events = POLLIN},
	    {.fd = control_fd(l->events), .events = POLLIN},
	    {.fd = l->status != NULL ? control_fd(l->status) : -1, .events = POLLIN}};
	double until = l->status == NULL && l->ask_at < l->draw_at ? l->ask_at : l->draw_at;
	double wait = until - now_s();
	struct timespec t = {0};

	if (wait > 0)
		t = (struct timespec){(time_t)wait, (long)((wait - (double)(time_t)wait) * 1e9)};
	if (ppoll(p, 3, &t, meanwhile) < 0) {
		take_keys(l); /* SIGWINCH, as a key */
		return;
	}
	if (p[0].revents & (POLLHUP | POLLERR | POLLNVAL))
		l->quit = true; /* the terminal is gone */
	else if (p[0].revents)
		take_keys(l);
	if (p[1].revents)
		take_events(l);
	if (p[2].revents)
		take_status(l);
}

static void loop(struct live *l, const sigset_t *meanwhile)
{
	while (!l->quit && !told && l->error == 0 && l->refused == NULL) {
		double now = now_s();

		if (l->status == NULL && now >= l->ask_at)
			ask_status(l);
		if (l->error == 0 && now >= l->draw_at)
			draw(l);
		if (l->error == 0)
			wait_for(l, meanwhile);
	}
}

static int finish(struct live *l)
{
	int code = EXIT_OK;

	if (l->refused != NULL)
		code = cli_outcome(l->cli, l->refused);
	else if (!l->quit && !told && l->error != 0)
		code = cli_unanswered(l->cli, l->error);
	json_decref(l->refused);
	control_end(l->events);
	control_end(l->status);
	watch_free(&l->watch);
	if (told) { /* whoever started us is to see it */
		signal(told, SIG_DFL);
		raise(told);
	}
	return code;
}

/* They are let in while it waits, and nowhere else: none is overlooked, and nothing is cut short.
 */
static void mind_signals(sigset_t *meanwhile, bool on)
{
	static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		sigaddset(&set, ends[i]);
		if (on)
			sigaction(ends[i], &(struct sigaction){.sa_handler = on_signal}, NULL);
	}
	sigprocmask(on ? SIG_BLOCK : SIG_UNBLOCK, &set, on ? meanwhile : NULL);
}

/* The reader of our lines may go while there is none to write. */
static bool reader_is_there(int fd)
{
	struct pollfd p[2] = {{.fd = fd, .events = POLLIN}, {.fd = STDOUT_FILENO, .events = 0}};

	poll(p, 2, -1);
	return p[1].revents == 0;
}

static int print_lines(struct cli *c, const struct cli_command *cmd, struct control_call *events)
{
	int code = EXIT_OK;
	json_t *e = NULL;

	while (code == EXIT_OK && !ferror(stdout) && reader_is_there(control_fd(events))) {
		while ((e = control_next(events, false)) != NULL) {
			if (json_object_get(e, "ok") != NULL)
				code = cli_outcome(c, e);
			else
				cli_event(c, cmd, e);
			json_decref(e);
		}
		if (code == EXIT_OK && errno != EAGAIN && errno != EINTR)
			code = cli_unanswered(c, errno);
	}
	control_end(events);
	return code;
}

int watch_run(struct cli *c, const struct cli_command *cmd, int argc, char *argv[])
{
	struct live l = {.cli = c, .events = control_begin(c->socket, cmd->name, argc, argv)};
	bool live = !c->json && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	sigset_t meanwhile;

	if (l.events == NULL)
		return cli_unanswered(c, errno);
	setlocale(LC_CTYPE, "");
	l.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	if (!live || !open_terminal(&l))
		return print_lines(c, cmd, l.events);
	mind_signals(&meanwhile, true);
	loop(&l, &meanwhile);
	close_terminal(&l);
	mind_signals(NULL, false);
	return finish(&l);
}
