# fish completion for mandos-notify(8)

complete -c mandos-notify -f
complete -c mandos-notify -l config -r -F -d 'read this file'
complete -c mandos-notify -l check-config -d 'only check the configuration'
complete -c mandos-notify -l test -d 'send a message to each target'
complete -c mandos-notify -l json -d 'print the results of --test as JSON'
complete -c mandos-notify -s h -l help -d 'give a help list'
complete -c mandos-notify -l usage -d 'give a short usage message'
complete -c mandos-notify -s V -l version -d 'print the version'
