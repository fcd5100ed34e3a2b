# The user is removed when the last package that uses it is purged.
remove_user() {
  for package in mandos mandos-client mandos-dotnet mandos-client-dotnet; do
    [ "$package" != "$DPKG_MAINTSCRIPT_PACKAGE" ] || continue
    case "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" in
      '' | not-installed) ;;
      *) return 0 ;;
    esac
  done
  if getent passwd _mandos >/dev/null; then
    deluser --system --quiet _mandos >/dev/null 2>&1 || userdel _mandos 2>/dev/null || true
  fi
}
