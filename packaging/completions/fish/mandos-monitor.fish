# fish completion for mandos-monitor(8)

complete -c mandos-monitor -f
complete -c mandos-monitor -s h -l help -d 'give a help list'
complete -c mandos-monitor -l usage -d 'give a short usage message'
complete -c mandos-monitor -s V -l version -d 'print the version'
