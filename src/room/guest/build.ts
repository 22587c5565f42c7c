// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Makes the page that browsers get: node guest/build.ts FOLDER [PO-FOLDER]

import esbuild from 'esbuild';
import fs from 'node:fs';
import path from 'node:path';
import { po } from 'gettext-parser';

const here = import.meta.dirname;
const [folder = path.join(here, 'dist'), poFolder = path.join(here, '../../../po')] =
  process.argv.slice(2);

/** Of one language, what the page says; untranslated texts stay English. */
function translations(language: string): Record<string, string> {
  const { translations: contexts } = po.parse(
    fs.readFileSync(path.join(poFolder, `${language}.po`)),
  );
  const ours = Object.values(contexts['']!).filter(
    ({ msgid, msgstr, comments }) =>
      msgid !== '' &&
      msgstr[0] !== '' &&
      !comments?.flag?.includes('fuzzy') &&
      comments?.reference?.includes('src/room/guest/'),
  );

  return Object.fromEntries(ours.map(({ msgid, msgstr }) => [msgid, msgstr[0]!]));
}

const languages = fs
  .readFileSync(path.join(poFolder, 'LINGUAS'), 'utf8')
  .split('\n')
  .map((line) => line.replace(/#.*/, '').trim())
  .filter((line) => line !== '');

fs.rmSync(folder, { recursive: true, force: true });
fs.mkdirSync(path.join(folder, 'locale'), { recursive: true });
await esbuild.build({
  entryPoints: [path.join(here, 'main.ts')],
  outfile: path.join(folder, 'guest.js'),
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  charset: 'utf8',
  define: { LANGUAGES: JSON.stringify(languages), global: 'globalThis' },
  logLevel: 'warning',
});
for (const language of languages)
  fs.writeFileSync(
    path.join(folder, 'locale', `${language}.json`),
    JSON.stringify(translations(language)),
  );
for (const file of ['index.html', 'guest.css'])
  fs.copyFileSync(path.join(here, file), path.join(folder, file));
fs.copyFileSync(
  path.join(here, '../../../data/icons/hicolor/scalable/apps/com.highloka.Tutti.svg'),
  path.join(folder, 'icon.svg'),
);
