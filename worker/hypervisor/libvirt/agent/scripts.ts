/**
 * What the guest's own shell does for us. A script is a constant: what comes from a request is one of its positional
 * arguments, which no shell reads. POSIX sh, with what coreutils and busybox both have.
 */

const enter = `
directory=$1
shift
if [ -n "$directory" ]; then cd "$directory" 2>/dev/null || { echo 'quantix-exec: no directory' >&2; exit 125; }; fi
command -v "$1" >/dev/null 2>&1 || { echo 'quantix-exec: no program' >&2; exit 127; }
`

/** What a script says that did not run its program. */
export const scriptSays = /^quantix-exec: no (directory|program)\n$/

/**
 * Runs a program, keeps the first bytes of each of its outputs, and throws the rest away as it comes. Arguments: how many
 * bytes, directory or nothing, program, its arguments. SIGTERM ends the program alone: what it wrote so far is kept.
 */
export const keepingScript = `
limit=$1
shift
${enter}
trap '' TERM
keep() { PATH=/usr/bin:/bin head -c "$limit"; PATH=/usr/bin:/bin cat >/dev/null; }
exec 3>&1 4>&2 2>/dev/null
code=$({
  { { (trap - TERM; exec "$@") 2>&6 3>&- 4>&- 5>&- 6>&-; echo $? >&5; } | keep >&3; } 6>&1 | keep >&4
} 5>&1)
exit "$code"
`

/** Starts a program, and leaves it. Arguments: directory or nothing, program, its arguments. */
export const leavingScript = `
${enter}
(exec "$@") <&0 >/dev/null 2>&1 &
`

/** Sends a signal to a program with all that it has started. Arguments: signal, process id. */
export const signalScript = 'kill -s "$1" -- "-$2"'

/**
 * Makes an empty file, which nobody else reads, beside the one that is to be written, and prints its path and that of the
 * file itself, links followed. Arguments: the file, a name, "parents" or nothing.
 */
export const prepareScript = `
set -eu
[ "$3" != parents ] || mkdir -p -- "$(dirname -- "$1")"
target=$(readlink -f -- "$1") || { echo "$1: No such file or directory" >&2; exit 1; }
[ ! -d "$target" ] || { echo "$1: Is a directory" >&2; exit 1; }
temporary=$(dirname -- "$target")/$2
umask 077
: >"$temporary"
printf '%s\\n%s\\n' "$temporary" "$target"
`

/**
 * Gives the new file the old one's owner and permissions, or those it is to have, and the old one's place. Arguments: the
 * new file, the old one's path, permissions or nothing.
 */
export const placeScript = `
set -eu
if [ -e "$2" ]; then
  chown "$(stat -c %u:%g -- "$2")" "$1"
  chmod "$(stat -c %a -- "$2")" "$1"
else
  chmod =rw "$1"
fi
[ -z "$3" ] || chmod "$3" "$1"
sync "$1" 2>/dev/null || :
mv -f -- "$1" "$2"
`

export const removeScript = 'rm -f -- "$1"'
