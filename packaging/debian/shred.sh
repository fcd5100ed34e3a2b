# Overwrites and removes a file owned by root. A link is removed, never followed: its target is not ours. If another user can write
# to the directory, a link could replace the file at any moment, so the file is only removed.
shred_file() { # PATH
  if [ -f "$1" ] && [ ! -L "$1" ] && is_roots_alone "${1%/*}"; then
    shred --remove -- "$1" 2>/dev/null || true
  fi
  rm -rf -- "$1"
}

is_roots_alone() { # DIRECTORY: true if only root can write to it
  case "$(stat -L -c '%u %A' -- "$1")" in
    '0 d????w'* | '0 d???????w'*) return 1 ;;
    '0 '*) return 0 ;;
  esac
  return 1
}
