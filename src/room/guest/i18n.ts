// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

/** The languages of po/LINGUAS, put in when the page is built (build.ts). */
declare const LANGUAGES: readonly string[];

const rightToLeft = ['ar', 'fa', 'he', 'ur', 'yi'];

/** The first language that the person reads and we have: `pt-BR` is served by `pt_BR`, then `pt`. */
export function choose(wanted: readonly string[], there: readonly string[]): string | undefined {
  for (const language of wanted) {
    const parts = language.split('-');

    if (parts[0] === 'en') return undefined;
    for (let n = parts.length; n > 0; n--) {
      const name = parts.slice(0, n).join('_').toLowerCase();
      const found = there.find((one) => one.toLowerCase() === name);

      if (found) return found;
    }
  }

  return undefined;
}

async function load(language: string | undefined): Promise<Record<string, string>> {
  if (!language) return {};

  try {
    const response = await fetch(`/guest/locale/${language}.json`);

    if (!response.ok) return {};
    document.documentElement.lang = language.replace('_', '-');
    document.documentElement.dir = rightToLeft.includes(language.split('_')[0]!) ? 'rtl' : 'ltr';

    return (await response.json()) as Record<string, string>;
  } catch {
    return {}; // English is better than no page.
  }
}

const catalog = await load(choose(navigator.languages, LANGUAGES));

/** The text in the person's language. */
export function _(text: string): string {
  return catalog[text] ?? text;
}

/** Puts @values in the places of `%s`. */
export function fill(text: string, ...values: (string | number)[]): string {
  return text.replace(/%s/g, () => String(values.shift()));
}
