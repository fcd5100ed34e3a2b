# fish completion for mandos-keygen(8)

set -l commands check-image doctor enroll rotate unenroll
set -l plain "not __fish_seen_subcommand_from $commands"
set -l keys 'not __fish_seen_subcommand_from check-image doctor'
set -l passphrase 'not __fish_seen_subcommand_from check-image doctor unenroll'
set -l named 'not __fish_seen_subcommand_from check-image doctor rotate'
set -l enrolment '__fish_seen_subcommand_from enroll rotate unenroll'
complete -c mandos-keygen -f
complete -c mandos-keygen -n __fish_use_subcommand -a check-image -d 'check an initramfs image'
complete -c mandos-keygen -n __fish_use_subcommand -a doctor -d 'check whether this machine would unlock its disks'
complete -c mandos-keygen -n __fish_use_subcommand -a enroll -d 'enrol this machine with a server'
complete -c mandos-keygen -n __fish_use_subcommand -a rotate -d 'replace the keys of this machine'
complete -c mandos-keygen -n __fish_use_subcommand -a unenroll -d 'take an enrolment back'
complete -c mandos-keygen -s h -l help -d 'give a help list'
complete -c mandos-keygen -l usage -d 'give a short usage message'
complete -c mandos-keygen -l version -d 'print the version'
complete -c mandos-keygen -n $plain -s v -d 'print the version'
complete -c mandos-keygen -n '__fish_seen_subcommand_from check-image' -F
complete -c mandos-keygen -n '__fish_seen_subcommand_from check-image doctor' -l json -d 'print JSON'
complete -c mandos-keygen -n '__fish_seen_subcommand_from doctor' -l no-network -d 'do not fetch the password'
complete -c mandos-keygen -n $enrolment -a '(__fish_print_hostnames)' -d server
complete -c mandos-keygen -n $enrolment -l device -r -F -a '(__fish_complete_path /dev/)' -d 'an encrypted device'
complete -c mandos-keygen -n '__fish_seen_subcommand_from enroll unenroll' -l via -x -a 'files bus print' -d 'how the server is reached'
complete -c mandos-keygen -n $enrolment -l dry-run -d 'print what would be done'
complete -c mandos-keygen -n '__fish_seen_subcommand_from enroll' -l step -x \
  -a 'keys disks server passphrase slot section rehearsal initramfs image' -d 'only this step'
complete -c mandos-keygen -n '__fish_seen_subcommand_from enroll' -l new-key-slot -d 'a passphrase of its own for the server'
complete -c mandos-keygen -n '__fish_seen_subcommand_from enroll' -l print -d 'print the section for pasting'
complete -c mandos-keygen -n '__fish_seen_subcommand_from rotate' -l step -x \
  -a 'disks keys server passphrase section rehearsal switch initramfs image boot proof slot' -d 'only this step'
complete -c mandos-keygen -n '__fish_seen_subcommand_from rotate' -l finish -d 'drop the old keys'
complete -c mandos-keygen -n '__fish_seen_subcommand_from rotate' -l abort -d 'take the rotation back'
complete -c mandos-keygen -n '__fish_seen_subcommand_from rotate' -s f -l force -d 'with --finish: without a boot'
complete -c mandos-keygen -n '__fish_seen_subcommand_from unenroll' -l step -x -a 'server disks section slot keys initramfs' \
  -d 'only this step'
complete -c mandos-keygen -n '__fish_seen_subcommand_from unenroll' -l keys -d 'remove the keys, too'
complete -c mandos-keygen -n '__fish_seen_subcommand_from unenroll' -s y -l yes -d 'do not ask'
complete -c mandos-keygen -n $keys -s d -l dir -x -a '(__fish_complete_directories)' -d 'directory of the keys'
complete -c mandos-keygen -n $named -s n -l name -x -a '(__fish_print_hostnames)' -d 'name of the client'
complete -c mandos-keygen -n $passphrase -s F -l passfile -r -F -d 'file with the password'
complete -c mandos-keygen -n 'not __fish_seen_subcommand_from check-image doctor rotate unenroll' -s S -l no-ssh -d 'no SSH host key'
complete -c mandos-keygen -n $plain -s t -l type -x -a 'ed25519 RSA' -d 'OpenPGP key type'
complete -c mandos-keygen -n $plain -s l -l length -x -a '2048 3072 4096' -d 'OpenPGP key length'
complete -c mandos-keygen -n $plain -s s -l subtype -x -a 'cv25519 RSA' -d 'OpenPGP subkey type'
complete -c mandos-keygen -n $plain -s L -l sublength -x -a '2048 3072 4096' -d 'OpenPGP subkey length'
complete -c mandos-keygen -n $plain -s e -l email -x -d 'email address in the OpenPGP key'
complete -c mandos-keygen -n $plain -s c -l comment -x -d 'comment in the OpenPGP key'
complete -c mandos-keygen -n $plain -s x -l expire -x -d 'when the OpenPGP key expires'
complete -c mandos-keygen -n $plain -s T -l tls-keytype -x -a 'ed25519 ed448 ecdsa secp256r1 secp384r1 secp521r1 rsa' -d 'TLS key type'
complete -c mandos-keygen -n $plain -s f -l force -d 'replace keys that exist'
complete -c mandos-keygen -n $plain -s p -l password -d 'ask for a password, print a section'
complete -c mandos-keygen -n $plain -l check -d 'check the keys'
complete -c mandos-keygen -n $plain -l secret -r -F -d 'with --check: check this secret'
