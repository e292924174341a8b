#!/usr/bin/env bash
# Prints the path of a Chromium for the browser tests; installs one where it can.
set -euo pipefail

find_one() {
  local c
  for c in ${CHROMIUM:+"$CHROMIUM"} chromium chromium-browser google-chrome google-chrome-stable; do
    if command -v "$c" >/dev/null 2>&1; then command -v "$c"; return 0; fi
  done
  # Playwright's own download
  c=$(node -e 'import("playwright-core").then(({ chromium }) => console.log(chromium.executablePath()))' 2>/dev/null) || true
  if [ -n "$c" ] && [ -x "$c" ]; then echo "$c"; return 0; fi
  return 1
}

find_one && exit 0
if command -v apt-get >/dev/null 2>&1; then
  sudo=()
  [ "$(id -u)" -eq 0 ] || sudo=(sudo -n)
  echo "chromium: installing Debian's" >&2
  { "${sudo[@]}" apt-get update && "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium; } >&2 </dev/null || true
  find_one && exit 0
fi
echo "chromium: installing Playwright's" >&2
npx playwright-core install chromium >&2 </dev/null || true
find_one && exit 0
echo "chromium: none found and none could be installed. Install Chromium or Google Chrome, or set CHROMIUM to its path." >&2
exit 1
