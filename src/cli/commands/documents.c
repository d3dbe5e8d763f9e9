/* man and completion: manual pages and the completion of shells, made from the same tables as help. */
#include "cli/command.h"
#include "cli/diagnostics.h"
#include "cli/options/help.h"
#include "cli/options/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const page_head =
    ".TH TRM\\-ROUTER 1 \"\" \"trm\\-router " TRM_VERSION "\" \"User Commands\"\n"
    ".SH NAME\ntrm\\-router \\- Manifold Muon, its inner solvers, and a tiny recursive model that routes "
    "between them\n"
    ".SH SYNOPSIS\n.B trm\\-router\n\\fICOMMAND\\fR [\\fIARGUMENT\\fR...]\n.SH COMMANDS\n";
static const char *const page_tail =
    ".SH ENVIRONMENT\n.TP\n.B NO_COLOR\nnot empty: no bold and no colour\n.TP\n.B COLUMNS\n"
    "width of what is written where it is no terminal; 80 without it\n.TP\n.B OMP_NUM_THREADS\n"
    "threads, where \\-\\-threads is not given\n"
    ".SH EXIT STATUS\n0 done, 1 failed, 2 wrong use, 130 and 143 ended by SIGINT and SIGTERM.\n"
    ".SH SEE ALSO\n.BR trm\\-router\\-run (1)\n";

int cmd_man(const struct command *self, int argc, char **argv) {
    struct setting_arguments words = {NULL, 0};
    char ask[] = "--help=man", *of_command[3] = {ask, ask, ask};
    static const struct setting table[] = {{"COMMAND", NULL, SETTING_ARGUMENTS, 0, "(trm-router itself)",
                                            NULL, "whose page: solve, or bench solvers"}};
    const int parsed = options_parse_table(self, SETTINGS(table), &words, argc, argv);
    if (parsed != OPTIONS_GO_ON)
        return parsed;
    if (words.count > 2)
        return cli_misuse("man takes the name of one command; `trm-router help` lists them");
    for (size_t i = 0; i < words.count; i++)
        of_command[i] = words.at[i];
    if (words.count > 0)
        return command_dispatch("trm-router", cli_commands, cli_command_count, (int)words.count + 1,
                                of_command);
    fputs(page_head, stdout);
    for (size_t i = 0; i < cli_command_count; i++)
        printf(".TP\n.B %s\n%s\n", cli_commands[i].name, cli_commands[i].summary);
    fputs(page_tail, stdout);
    return cli_flush_output(CLI_DONE);
}

struct shell {
    const char *name, *format, *head, *before_commands, *command, *tail;
};

static const struct shell shells[] = {
    {"bash", "--help=bash",
     "# Completion of trm-router for bash, made by `trm-router completion bash`.\n"
     "# $1: the command, $2: the word before; sets choices: words, or FILE.\n"
     "_trm_router_choices() {\n    case $1 in\n",
     "    *) return 1 ;;\n    esac\n}\n\n_trm_router() {\n"
     "    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} choices=\n"
     "    local -a words=(\"${COMP_WORDS[@]:1:COMP_CWORD-1}\")\n"
     "    COMPREPLY=()\n"
     "    # --name=value comes as three words\n"
     "    [[ $before != = ]] || before=${COMP_WORDS[COMP_CWORD-2]}\n"
     "    [[ $current != = ]] || current=\n"
     "    case \"${#words[@]} ${words[0]-}\" in '2 help' | '2 man') words=(\"${words[1]}\") ;; esac\n"
     "    if ((COMP_CWORD == 1)); then\n        choices='",
     "%s ",
     "help'\n"
     "    else\n"
     "        { ((${#words[@]} == 1)) && [[ $current != -* ]] && _trm_router_choices \"${words[0]} FIRST\"; "
     "} ||\n"
     "            _trm_router_choices \"${words[0]} ${COMP_WORDS[2]}\" \"$before\" ||\n"
     "            _trm_router_choices \"${words[0]}\" \"$before\" || return\n"
     "    fi\n"
     "    [[ $choices != --* || $current == -* ]] || choices=FILE\n"
     "    mapfile -t COMPREPLY < <(\n"
     "        compgen -W \"${choices/FILE/}\" -- \"$current\"\n"
     "        [[ $choices != *FILE ]] || compgen -f -- \"$current\"\n"
     "    )\n}\ncomplete -o filenames -F _trm_router trm-router\n"},
    {"zsh", "--help=zsh",
     "#compdef trm-router\n# Completion of trm-router for zsh, made by `trm-router completion zsh`.\n"
     "_trm_router_command() {\n    case $1 in\n",
     "    *) return 1 ;;\n    esac\n}\n\n_trm_router() {\n    local -a commands\n    commands=(\n",
     "        '%s:%s'\n",
     "        'help:what a command does, with an example'\n    )\n"
     "    if ((CURRENT == 2)); then\n        _describe command commands\n        return\n    fi\n"
     "    if ((CURRENT == 4)) && [[ $words[2] == (help|man) ]]; then\n"
     "        shift words; ((CURRENT--))\n    fi\n"
     "    local one=$words[2] two=\"$words[2] $words[3]\"\n"
     "    ((CURRENT == 3)) && [[ $words[3] != -* ]] && _trm_router_command \"$one FIRST\" && return\n"
     "    shift words; ((CURRENT--))\n"
     "    _trm_router_command $two || _trm_router_command $one || _files\n"
     "}\n\n[[ $funcstack[1] == _trm-router ]] && _trm_router \"$@\" || compdef _trm_router trm-router\n"},
    {"fish", "--help=fish",
     "# Completion of trm-router for fish, made by `trm-router completion fish`.\n"
     "set -g __trm_router_verbs\n"
     "function __trm_router_is # command: is it the one whose words are being typed?\n"
     "    set -l words (commandline -opc)\n"
     "    set -l name \"$words[2] $words[3]\"\n"
     "    contains -- $name $__trm_router_verbs; or set name \"$words[2]\"\n"
     "    test \"$argv\" = \"$name\"\n"
     "end\n"
     "function __trm_router_first # command: is the word behind it the next one?\n"
     "    set -l words (commandline -opc)[2..]\n"
     "    if test (count $words) -eq 2; and contains -- $words[1] help man\n"
     "        set -e words[1]\n    end\n"
     "    test \"$argv\" = \"$words\"\n"
     "end\n",
     "complete -c trm-router -f -n __fish_use_subcommand -a help -d 'what a command does, with an example'\n",
     "complete -c trm-router -f -n __fish_use_subcommand -a %s -d '%s'\n", ""},
};

int cmd_completion(const struct command *self, int argc, char **argv) {
    const char *name;
    static const struct setting table[] = {
        {"SHELL", NULL, SETTING_ARGUMENT, 0, NULL, "bash|zsh|fish", "which shell: bash, zsh or fish"}};
    const int parsed = options_parse_table(self, SETTINGS(table), &name, argc, argv);
    if (parsed != OPTIONS_GO_ON)
        return parsed;
    for (size_t s = 0; s < sizeof shells / sizeof *shells; s++) {
        const struct shell *const shell = &shells[s];
        char ask[16], *words[] = {ask};
        if (strcmp(name, shell->name) != 0)
            continue;
        snprintf(ask, sizeof ask, "%s", shell->format);
        fputs(shell->head, stdout);
        command_dispatch("trm-router", cli_commands, cli_command_count, 1, words);
        help_first_words(shell->name, "man", cli_commands, cli_command_count, false);
        help_first_words(shell->name, "help", cli_commands, cli_command_count, false);
        fputs(shell->before_commands, stdout);
        for (size_t i = 0; i < cli_command_count; i++)
            printf(shell->command, cli_commands[i].name, cli_commands[i].summary);
        fputs(shell->tail, stdout);
        return cli_flush_output(CLI_DONE);
    }
    return cli_misuse("SHELL '%s' is not allowed: give bash, zsh or fish", name);
}
