/**
 * Writes docs/configuration.md from the settings registry; with --check, says whether the page is current.
 * The page has one row for each line of libs/platform/config/src/settings.ts.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { build } from './build.mjs';
import { PlainError, reportFailure } from './plain-error.mjs';

const PAGE = 'docs/configuration.md';

const INTRODUCTION = `# Configuration

Every process of millrace reads its settings from the environment when it starts. An unknown \`MILLRACE_*\` name,
a missing value or an invalid one stops the start with one sentence that names it. An empty value counts as absent.
\`npm start\` (\`up\`) sets what its processes need; a fleet sets it for each process, and \`./millrace serve api --help\`
lists what that process reads. \`./millrace serve\` takes what the environment does not say from the home (MILLRACE_HOME)
of a millrace that was started on the same machine. \`client\` stands for the commands that speak to a running millrace,
like \`./millrace tenants list\`. This page is made by \`node tools/configuration-page.mjs\` from
\`libs/platform/config/src/settings.ts\`: change a setting there.

| Name | Read by | Default | Meaning |
| ---- | ------- | ------- | ------- |
`;

async function page() {
  await build();
  const { describeSettings } = await import('../dist/libs/platform/config/src/describe-settings.js');
  const rows = describeSettings().map(({ name, readBy, defaultText, meaning }) => {
    const typed = defaultText === undefined ? '' : `\`${defaultText}\``;
    return `| \`${name}\` | ${readBy.join(', ')} | ${typed} | ${meaning.replaceAll('|', '\\|')} |\n`;
  });
  return INTRODUCTION + rows.join('');
}

async function main() {
  const wanted = await page();
  if (!process.argv.includes('--check')) return writeFileSync(PAGE, wanted);
  if (readFileSync(PAGE, 'utf8') === wanted) return;
  throw new PlainError(`${PAGE} is not what the settings say. Run \`node tools/configuration-page.mjs\`.`);
}

main().catch(reportFailure);
