/* Completion scripts from the option table (see opt.h). They know the options,
 * the words of a choice, files and directories; nothing is run to complete.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/opt.h"
#include "base/opt_walk.h"

static bool
is_file(const struct opt *o)
{
	return slice_is(slice_str(o->arg), "FILE");
}

static bool
is_dir(const struct opt *o)
{
	return slice_is(slice_str(o->arg), "DIR");
}

static bool
is_choice(const struct opt *o)
{
	return o->arg && slice_find(slice_str(o->arg), '|') != SIZE_MAX;
}

/* "a|b|c" as "a b c" */
static void
add_words(struct buf *out, const char *arg)
{
	for (; *arg; arg++)
		buf_char(out, *arg == '|' ? ' ' : *arg);
}

/* Text within single quotes of a shell; what the completion function would
 * read as syntax (special) gets a backslash. */
static void
add_quoted(struct buf *out, const char *text, const char *special)
{
	for (; *text; text++) {
		if (*text == '\'')
			buf_text(out, "'\\'");
		else if (slice_find(slice_str(special), *text) != SIZE_MAX)
			buf_char(out, '\\');
		buf_char(out, *text);
	}
}

/* The next option that completion offers: all that the manual has, also those
 * for which --help has no room. */
static const struct opt *
next_offered(struct opt_walk *w)
{
	const struct opt *o;

	while ((o = opt_walk_next(w, NULL)))
		if (opt_walk_is_option(o))
			break;
	return o;
}

/* How the value of an option with one completes. */
static void
bash_value(struct buf *out, const struct opt *o)
{
	buf_text(out, "\t");
	if (o->letter)
		buf_fmt(out, "-%c | ", o->letter);
	buf_fmt(out, "--%s)\n", o->name);
	if (is_choice(o)) {
		buf_text(out, "\t\tmapfile -t COMPREPLY < <(compgen -W '");
		add_words(out, o->arg);
		buf_text(out, "' -- \"$cur\")\n");
	} else if (is_file(o) || is_dir(o)) {
		buf_fmt(out,
		    "\t\tcompopt -o filenames\n"
		    "\t\tmapfile -t COMPREPLY < <(compgen -%c -- \"$cur\")\n",
		    is_dir(o) ? 'd' : 'f');
	}
	buf_text(out, "\t\treturn ;;\n");
}

static void
bash(const struct opt *table, const char *tool, struct buf *out)
{
	const struct opt *o;
	struct opt_walk w;

	buf_fmt(out,
	    "# shellcheck shell=bash\n"
	    "_%s()\n{\n"
	    "\tlocal cur=${COMP_WORDS[COMP_CWORD]}\n"
	    "\tlocal prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
	    "\tif [[ $cur == = ]]; then\n"
	    "\t\tcur=\n"
	    "\telif [[ $prev == = ]]; then\n"
	    "\t\tprev=${COMP_WORDS[COMP_CWORD - 2]}\n"
	    "\tfi\n"
	    "\tcase $prev in\n",
	    tool);
	opt_walk_start(&w, table);
	while ((o = next_offered(&w)))
		if (opt_walk_has_value(o))
			bash_value(out, o);
	buf_text(out, "\tesac\n"
		      "\tif [[ $cur == -* ]]; then\n"
		      "\t\tmapfile -t COMPREPLY < <(compgen -W '");
	opt_walk_start(&w, table);
	for (bool first = true; (o = next_offered(&w)); first = false)
		buf_fmt(out, "%s--%s", first ? "" : "\n\t\t    ", o->name);
	buf_fmt(out,
	    "' -- \"$cur\")\n"
	    "\telse\n"
	    "\t\tcompopt -o filenames\n"
	    "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
	    "\tfi\n"
	    "}\n"
	    "complete -F _%s %s\n",
	    tool, tool);
}

/* '(-f --from)'{-f+,--from=}'[envelope sender]:ADDR:_files' */
static void
zsh_row(struct buf *out, const struct opt *o)
{
	bool many = o->kind == OPT_KIND_MANY || o->kind == OPT_KIND_COUNT;
	bool value = opt_walk_has_value(o);
	const char *equals = value ? "=" : "";

	buf_text(out, " \\\n\t");
	if (o->letter && many)
		buf_fmt(out, "'*'{-%c%s,--%s%s}'[", o->letter, value ? "+" : "",
		    o->name, equals);
	else if (o->letter)
		buf_fmt(out, "'(-%c --%s)'{-%c%s,--%s%s}'[", o->letter, o->name,
		    o->letter, value ? "+" : "", o->name, equals);
	else
		buf_fmt(out, "'%s--%s%s[", many ? "*" : "", o->name, equals);
	add_quoted(out, o->help, "[]\\");
	buf_char(out, ']');
	if (value && is_choice(o)) {
		buf_text(out, ":word:(");
		add_words(out, o->arg);
		buf_char(out, ')');
	} else if (value) {
		buf_char(out, ':');
		add_quoted(out, o->arg, ":[]\\");
		buf_text(out, is_file(o)  ? ":_files"
			      : is_dir(o) ? ":_files -/"
					  : ": ");
	}
	buf_char(out, '\'');
}

static void
zsh(const struct opt *table, const char *tool, struct buf *out)
{
	const struct opt *o;
	struct opt_walk w;

	buf_fmt(out, "#compdef %s\n_arguments -s -S", tool);
	opt_walk_start(&w, table);
	while ((o = next_offered(&w)))
		zsh_row(out, o);
	buf_text(out, " \\\n\t'*:file:_files'\n");
}

static void
fish(const struct opt *table, const char *tool, struct buf *out)
{
	const struct opt *o;
	struct opt_walk w;

	opt_walk_start(&w, table);
	while ((o = next_offered(&w))) {
		buf_fmt(out, "complete -c %s", tool);
		if (o->letter)
			buf_fmt(out, " -s %c", o->letter);
		buf_fmt(out, " -l %s", o->name);
		if (opt_walk_has_value(o) && is_choice(o)) {
			buf_text(out, " -x -a '");
			add_words(out, o->arg);
			buf_char(out, '\'');
		} else if (opt_walk_has_value(o)) {
			buf_text(
			    out, is_file(o) ? " -r -F"
				 : is_dir(o)
				     ? " -x -a '(__fish_complete_directories)'"
				     : " -x");
		}
		buf_text(out, " -d '");
		add_quoted(out, o->help, "\\");
		buf_text(out, "'\n");
	}
}

int
opt_completion(const struct opt *table, const char *tool, const char *shell,
    struct buf *out, struct err *e)
{
	static const struct {
		const char *shell;
		void (*make)(const struct opt *, const char *, struct buf *);
	} shells[] = { { "bash", bash }, { "zsh", zsh }, { "fish", fish } };

	for (size_t i = 0; i < COUNT_OF(shells); i++) {
		if (!slice_is(slice_str(shell), shells[i].shell))
			continue;
		shells[i].make(table, tool, out);
		return 0;
	}
	return err_set(
	    e, ERR_USAGE, "no completion for '%s': bash, zsh or fish", shell);
}
