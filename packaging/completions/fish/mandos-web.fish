# fish completion for mandos-web(8)

complete -c mandos-web -f
complete -c mandos-web -l config -r -F -d 'read this file'
complete -c mandos-web -l check-config -d 'only check the configuration'
complete -c mandos-web -s h -l help -d 'give a help list'
complete -c mandos-web -l usage -d 'give a short usage message'
complete -c mandos-web -s V -l version -d 'print the version'
