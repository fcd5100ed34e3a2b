# Overwrites a file of root's and removes it. A link is removed, never followed: what it points to is not ours. Where another
# user can write to the directory, a link may take the file's place at any moment, so that there it is removed only.
shred_file() { # PATH
  if [ -f "$1" ] && [ ! -L "$1" ] && is_roots_alone "${1%/*}"; then
    shred --remove -- "$1" 2>/dev/null || true
  fi
  rm -rf -- "$1"
}

is_roots_alone() { # DIRECTORY: true if only root can change what is in it
  case "$(stat -L -c '%u %A' -- "$1")" in
    '0 d????w'* | '0 d???????w'*) return 1 ;;
    '0 '*) return 0 ;;
  esac
  return 1
}
