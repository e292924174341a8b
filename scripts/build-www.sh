#!/usr/bin/env bash
# Builds the static playground into www/dist, prints its sizes and fails when scripts and styles grow over their budget.
set -euo pipefail
cd "$(dirname "$0")/.."
BUDGET_GZ=$((200 * 1000))
npx tsc -p www
npx vite build --logLevel warn www
total=0
while IFS= read -r f; do
  gz=$(gzip -9 -c "$f" | wc -c)
  total=$((total + gz))
  printf '  %7d gz  %s\n' "$gz" "${f#www/dist/}"
done < <(find www/dist -name '*.js' -o -name '*.css' | sort)
printf 'playground: scripts and styles %d.%d kB gzipped (budget %d kB)\n' $((total / 1000)) $((total % 1000 / 100)) $((BUDGET_GZ / 1000))
[ "$total" -le "$BUDGET_GZ" ] || { echo "playground: over the budget" >&2; exit 1; }
