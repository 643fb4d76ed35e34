# What a task printed of its failures, shortened: the errors of `deno test`, then the names of all tests
# that failed. Where `deno test` named none, the tests' own lines and the last lines of all.
# Each error begins with "<test> => ./<file>:<line>:<column>", or "./<file> (uncaught error)".

BEGIN { error_lines = 25; line_characters = 240; last_lines = 30 }

# Colours
{ gsub(/\033\[[0-9;]*m/, ""); sub(/\r$/, "") }

# Appends a line, shortened, but not a frame of the runner or a library, nor progress.
function add(text, line) {
  if (line ~ /^ +at .*(node_modules|ext:)/ || line ~ /^Check / || line == "") return text
  if (length(line) > line_characters) line = substr(line, 1, line_characters) "…"
  return text line "\n"
}

!/^(Check .*)?$/ { last[++count % last_lines] = $0 }

/^ ERRORS $/ { section = "errors"; lines = 0; next }
/^ FAILURES $/ { section = "names"; next }
/^(ok|FAILED) \| / { section = ""; next }

section == "errors" && (/ => \.\/.*:[0-9]+:[0-9]+$/ || /^\.\/.* \(uncaught error\)$/) {
  lines = 0
  errors = errors "\n"
}
section == "errors" && ++lines <= error_lines { errors = add(errors, $0) }
section == "names" { names = add(names, $0) }

# A run that did not get as far as its tests, beside one that did.
section == "" && /^error: / && !/^error: Test failed$/ { run_errors = add(run_errors, $0) }

# A run that was ended before it could name them.
/ \.\.\. FAILED/ { failed_lines = add(failed_lines, $0) }

END {
  if (names == "") {
    names = failed_lines
    for (each = count > last_lines ? count - last_lines + 1 : 1; each <= count; each++) {
      names = add(names, last[each % last_lines])
    }
  } else {
    errors = errors run_errors
  }
  if (length(errors) > errors_characters) errors = substr(errors, 1, errors_characters) "…\n"
  if (length(names) > names_characters) {
    names = "…" substr(names, length(names) - names_characters + 1)
  }
  print errors
  print names
}
