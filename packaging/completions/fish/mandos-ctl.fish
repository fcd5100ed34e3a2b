# fish completion for mandos-ctl(8)

set -l commands list show pending approve deny enable disable maintenance remove set add watch wait history audit notify
set -l plain "not __fish_seen_subcommand_from $commands"
complete -c mandos-ctl -f
complete -c mandos-ctl -n __fish_use_subcommand -a list -d 'list clients with their status'
complete -c mandos-ctl -n __fish_use_subcommand -a show -d 'show all properties of clients'
complete -c mandos-ctl -n __fish_use_subcommand -a pending -d 'list the clients that wait for a decision'
complete -c mandos-ctl -n __fish_use_subcommand -a approve -d 'approve a request'
complete -c mandos-ctl -n __fish_use_subcommand -a deny -d 'deny a request'
complete -c mandos-ctl -n __fish_use_subcommand -a enable -d 'enable clients'
complete -c mandos-ctl -n __fish_use_subcommand -a disable -d 'disable clients'
complete -c mandos-ctl -n __fish_use_subcommand -a remove -d 'remove clients'
complete -c mandos-ctl -n __fish_use_subcommand -a maintenance -d 'do not disable clients that are being worked on'
complete -c mandos-ctl -n __fish_use_subcommand -a set -d 'change settings of a client'
complete -c mandos-ctl -n __fish_use_subcommand -a add -d 'add the clients of a file'
complete -c mandos-ctl -n __fish_use_subcommand -a watch -d 'print what the server signals'
complete -c mandos-ctl -n __fish_use_subcommand -a wait -d 'wait until something has happened with a client'
complete -c mandos-ctl -n __fish_use_subcommand -a history -d 'print what happened to clients'
complete -c mandos-ctl -n __fish_use_subcommand -a audit -d 'verify or print the audit trail'
complete -c mandos-ctl -n __fish_use_subcommand -a notify -d 'try the notifications'
complete -c mandos-ctl -n '__fish_seen_subcommand_from audit' -a 'verify show'
complete -c mandos-ctl -n '__fish_seen_subcommand_from notify' -a test
complete -c mandos-ctl -n '__fish_seen_subcommand_from history audit' -l statedir -r -a '(__fish_complete_directories)' -d 'state directory'
complete -c mandos-ctl -n "not __fish_seen_subcommand_from pending watch add notify" -a '(mandos-ctl list --names 2>/dev/null)' -d client
complete -c mandos-ctl -l debug -d 'print each D-Bus call'
complete -c mandos-ctl -s h -l help -d 'give a help list'
complete -c mandos-ctl -l usage -d 'give a short usage message'
complete -c mandos-ctl -l version -d 'print the version'
complete -c mandos-ctl -n "__fish_seen_subcommand_from $commands" -l json -d 'print JSON'
complete -c mandos-ctl -n '__fish_seen_subcommand_from list' -s s -l sort -x -a 'name expires last-check' -d sort
complete -c mandos-ctl -n '__fish_seen_subcommand_from list' -s f -l filter -x -a 'pending disabled failing maintenance' -d 'only these'
complete -c mandos-ctl -n '__fish_seen_subcommand_from list' -l names -d 'only names'
complete -c mandos-ctl -n '__fish_seen_subcommand_from list pending' -l color -x -a 'auto always never' -d colours
complete -c mandos-ctl -n '__fish_seen_subcommand_from list pending' -l no-pager -d 'no pager'
complete -c mandos-ctl -n '__fish_seen_subcommand_from approve deny enable disable maintenance remove' -s a -l all -d 'all clients'
complete -c mandos-ctl -n '__fish_seen_subcommand_from approve deny enable disable maintenance remove' -s y -l yes -d 'do not ask'
complete -c mandos-ctl -n '__fish_seen_subcommand_from enable' -l disabled-since -x -d 'only those disabled within that time'
complete -c mandos-ctl -n '__fish_seen_subcommand_from maintenance' -l for -x -d 'how long'
complete -c mandos-ctl -n '__fish_seen_subcommand_from maintenance' -l end -d 'end it now'
complete -c mandos-ctl -n '__fish_seen_subcommand_from wait' -s u -l until -x -a 'approved delivered enabled checked' -d until
complete -c mandos-ctl -n '__fish_seen_subcommand_from wait' -s t -l timeout -x -d 'give up after that time'
complete -c mandos-ctl -n '__fish_seen_subcommand_from set' \
  -a 'timeout= extended_timeout= interval= approval_delay= approval_duration= approved_by_default= enabled= host= checker= secfile='
complete -c mandos-ctl -n $plain -s a -l all -d 'all clients'
complete -c mandos-ctl -n $plain -s v -l verbose -d 'all columns'
complete -c mandos-ctl -n $plain -s j -l dump-json -d JSON
complete -c mandos-ctl -n $plain -s e -l enable -d enable
complete -c mandos-ctl -n $plain -s d -l disable -d disable
complete -c mandos-ctl -n $plain -s b -l bump-timeout -d 'let the timeout begin again'
complete -c mandos-ctl -n $plain -l start-checker -d 'start a check'
complete -c mandos-ctl -n $plain -l stop-checker -d 'stop a check'
complete -c mandos-ctl -n $plain -s V -l is-enabled -d 'exit with 0 if it is enabled'
complete -c mandos-ctl -n $plain -s r -l remove -d remove
complete -c mandos-ctl -n $plain -s c -l checker -x -d 'set the checker'
complete -c mandos-ctl -n $plain -s t -l timeout -x -d 'set the timeout'
complete -c mandos-ctl -n $plain -l extended-timeout -x -d 'set the extended timeout'
complete -c mandos-ctl -n $plain -s i -l interval -x -d 'set the interval'
complete -c mandos-ctl -n $plain -l approve-by-default -d 'approve if no operator decides'
complete -c mandos-ctl -n $plain -l deny-by-default -d 'deny if no operator decides'
complete -c mandos-ctl -n $plain -l approval-delay -x -d 'set the approval delay'
complete -c mandos-ctl -n $plain -l approval-duration -x -d 'set the approval duration'
complete -c mandos-ctl -n $plain -s H -l host -x -a '(__fish_print_hostnames)' -d 'set the host'
complete -c mandos-ctl -n $plain -s s -l secret -r -F -d 'set the secret'
complete -c mandos-ctl -n $plain -s A -l approve -d approve
complete -c mandos-ctl -n $plain -s D -l deny -d deny
complete -c mandos-ctl -n $plain -l check -d 'test the program'
complete -c mandos-ctl -n '__fish_seen_subcommand_from add' -F
