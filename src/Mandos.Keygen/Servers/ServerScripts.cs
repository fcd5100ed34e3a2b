namespace Mandos.Keygen.Servers;

/// <summary>What is run on the server, in sh of POSIX and awk, as root.</summary>
internal static class ServerScripts
{
    /// <summary>Exit codes of the scripts (sysexits.h).</summary>
    public const int Incomplete = 65, NotRunning = 69, Invalid = 78;

    /// <summary>
    /// Prints <c>none</c>, or <c>ours</c> or <c>original</c> and the version; <c>own FILE</c> and the lines of the section with this
    /// key ID, each behind <c>|</c>; <c>taken FILE</c> if a section with the name has another key ID. Arguments: KEY-ID NAME.
    /// </summary>
    public const string Look = Begin + """
        export ID="$1" NAME="$2"
        cd /etc/mandos 2>/dev/null && command -v mandos >/dev/null || { echo none; exit 0; }
        if mandos --help 2>/dev/null | grep -q -e --check-config; then echo ours; else echo original; fi
        mandos --version </dev/null | head -n 1
        for file in clients.conf clients.d/*.conf; do
          [ ! -f "$file" ] || awk '
            function flush(i) {
              if (hit) { print "own " FILENAME; for (i = 1; i <= last; i++) print "|" line[i] }
              else if (same) print "taken " FILENAME
            }
        
        """ + Sections + """
          ' "$file"
        done
        """;

    /// <summary>
    /// Puts the section on standard input into a file, in the place of the one with this key ID; keeps the file as FILE.old; checks, and
    /// reloads or restarts the server. After a failure everything is as before. Arguments: ours|original FILE KEY-ID BYTES DROPPED, with
    /// the key ID of a section that disappears from the file in the same moment, or nothing.
    /// </summary>
    public const string Install = Begin + Functions + """
        kind=$1 bytes=$4
        enter
        [ "$2" = clients.conf ] || [ -d clients.d ] || mkdir -m 755 clients.d
        file=$(real "$2") new=$(real "$2").new
        export ID="$3" SECTION="$file.section" DROPPED="$5"
        trap 'rm -f "$SECTION" "$new"' EXIT
        rm -f "$SECTION" "$new"
        cat >"$SECTION"
        [ "$(wc -c <"$SECTION")" -eq "$bytes" ] || exit 65
        had=0
        if [ -e "$file" ]; then had=1; cp -p "$file" "$file.old"; fi
        edit
        mv -f "$new" "$file"
        check || { restore "$file" "$had"; exit 78; }
        activate || { restore "$file" "$had"; activate >/dev/null 2>&1 || true; exit 69; }
        echo "had $had"
        echo "sum $(cksum <"$file")"
        """;

    /// <summary>
    /// Takes back what Install did, unless the file has changed since. Arguments: ours|original FILE 0|1 SUM, with 1 if the file existed
    /// before, and the sum that Install printed.
    /// </summary>
    public const string Restore = Begin + Functions + """
        kind=$1
        enter
        file=$(real "$2")
        [ "$(cksum <"$file")" = "$4" ] || { echo "it has been changed since" >&2; exit 73; }
        restore "$file" "$3"
        activate || exit 69
        """;

    /// <summary>Removes the section with this key ID, and its file if it was alone there. Arguments: ours|original FILE KEY-ID.</summary>
    public const string Remove = Begin + Functions + """
        kind=$1
        export ID="$3" SECTION= DROPPED=
        enter
        file=$(real "$2") new=$(real "$2").new
        [ -e "$file" ] || exit 0
        trap 'rm -f "$new"' EXIT
        rm -f "$new"
        edit
        if [ "$2" != clients.conf ] && ! grep -q '^\[' "$new"; then
          rm -f "$2" "$file" "$file.old"
        else
          cp -p "$file" "$file.old"
          # A file without bytes counts as damaged.
          [ -s "$new" ] || echo '# no clients' >"$new"
          mv -f "$new" "$file"
        fi
        activate || exit 69
        """;

    /// <summary>Prints <c>none</c>, <c>new</c>, <c>known</c> or <c>taken</c>. Arguments: KEY-ID NAME.</summary>
    public const string LookOnBus = Begin + """
        mandos-ctl --help 2>/dev/null | grep -q '^ *add ' || { echo none; exit 0; }
        mandos-ctl list --names >/dev/null
        if said=$(mandos-ctl show --json -- "$2" 2>/dev/null); then
          case $(echo "$said" | tr A-F a-f) in *"$1"*) echo known ;; *) echo taken ;; esac
        else
          echo new
        fi
        """;

    /// <summary>Adds the client of the section on standard input.</summary>
    public const string AddOnBus = Begin + "mandos-ctl add -";

    /// <summary>Sets the secret on standard input. Arguments: NAME.</summary>
    public const string SetOnBus = Begin + """mandos-ctl --secret=- "$1" """;

    /// <summary>Removes a client. Arguments: NAME.</summary>
    public const string RemoveOnBus = Begin + """mandos-ctl --remove "$1" """;

    // A login without a session of its own may lack the directories for administration.
    private const string Begin = """
        umask 077
        PATH=/usr/local/sbin:/usr/sbin:/sbin:$PATH
        export PATH LC_ALL=C
        
        """;

    // A section ends before the comments and empty lines that precede the next one.
    private const string Sections = """
            match($0, /^\[.*\]/) { flush(); n = last = hit = drop = 0; same = substr($0, 2, RLENGTH - 2) == ENVIRON["NAME"] }
            {
              line[++n] = $0
              if ($0 !~ /^[ \t\r]*([#;].*)?$/) last = n
              word = tolower($0)
              gsub(/[ \t\r]/, "", word)
              if (word ~ /^key_id[=:]/ && substr(word, 8) == ENVIRON["ID"]) hit = 1
              if (word ~ /^key_id[=:]./ && substr(word, 8) == ENVIRON["DROPPED"]) drop = 1
            }
            END { flush() }
        
        """;

    // What began here is completed even if the connection ends. Runs for several machines at once take turns.
    private const string Functions = """
        enter() {
          trap : HUP PIPE
          cd /etc/mandos
          command -v flock >/dev/null || return 0
          exec 9<.
          flock -w 180 9 || { echo "another program has locked /etc/mandos for three minutes" >&2; exit 75; }
        }
        real() { if [ -L "$1" ]; then readlink -f "$1"; else echo "$1"; fi; }
        edit() {
          if [ ! -e "$file" ]; then cat "$SECTION" >"$new"; return; fi
          awk '
            function put(text) { out[++count] = text }
            function emit(text) {
              if (ENVIRON["SECTION"] != "" && !done) while ((getline text < ENVIRON["SECTION"]) > 0) put(text)
              done = 1
            }
            function flush(i) {
              if (drop || (hit && ENVIRON["SECTION"] == "")) while (count > 0 && out[count] == "") count--
              if (hit) emit()
              for (i = hit || drop ? last + 1 : 1; i <= n; i++) put(line[i])
              n = last = hit = drop = 0
            }
        
        """ + Sections + """
            END {
              if (!done && ENVIRON["SECTION"] != "") { put(""); emit() }
              for (i = 1; i <= count; i++) print out[i]
            }
          ' "$file" >"$new"
          chown --reference="$file" "$new"
          chmod --reference="$file" "$new"
        }
        check() {
          [ "$kind" = ours ] || return 0
          said=$(mandos --check-config </dev/null 2>&1 >/dev/null) || true
          [ -z "$said" ] || echo "$said" >&2
          case "
        $said" in *"
        mandos: error: "*) return 1 ;; esac
        } 9<&-
        activate() {
          if [ "$kind" = original ]; then
            if [ -d /run/systemd/system ]; then systemctl restart mandos; else service mandos restart; fi
          elif [ -d /run/systemd/system ]; then
            systemctl reload mandos
          else
            pid=$(cat /run/mandos.pid 2>/dev/null) || :
            # The number may be that of another program now.
            case $pid in
              *[!0-9]*) ;;
              *) if [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = mandos ]; then kill -HUP "$pid"; return; fi ;;
            esac
            echo "no server runs there; start it with 'service mandos start'" >&2
            return 1
          fi
        } 9<&-
        restore() {
          if [ "$2" = 1 ]; then mv -f "$1.old" "$1"; else rm -f "$1"; fi
        }
        
        """;
}
