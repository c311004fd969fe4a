import { Option, type Command } from 'commander';
import { secretPrefix } from '@millrace/domain/tenancy';
import { readProcessSettings } from '@millrace/platform/config';
import { addDescribed, addGroup, type Surroundings } from '../client-command.js';
import { ClientError, wrongUsage } from '../client-error.js';
import { chooseConnection } from '../connection/connection.js';
import { namedProfile, profilesPath, readProfiles, writeProfiles, type Profile } from '../connection/profile-file.js';
import { textCell } from '../output/cells.js';
import { tableOf, type Column } from '../output/table.js';

const PROFILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

interface NamedProfile extends Profile {
  name: string;
  current: boolean;
}

const COLUMNS: Column<NamedProfile>[] = [
  { title: 'in use', cell: ({ current }) => (current ? '*' : ' ') },
  { title: 'name', cell: ({ name }) => textCell(name) },
  { title: 'url', cell: ({ url }) => textCell(url) },
  { title: 'key', cell: ({ key }) => `${secretPrefix(key)}…` },
];

/** `./millrace profiles`: addresses with their keys, kept in a file of this user. */
export function addProfiles(program: Command, surroundings: Surroundings): void {
  const group = addGroup(program, 'profiles', 'servers and keys that client commands can be told by name');
  const path = () => profilesPath(readProcessSettings('client', surroundings.environment).XDG_CONFIG_HOME);
  addAdd(group, surroundings, path);
  addList(group, surroundings, path);
  addUse(group, surroundings, path);
  addRemove(group, surroundings, path);
}

function addAdd(group: Command, { terminal }: Surroundings, path: () => string): void {
  const command = addDescribed(group, {
    usage: 'add <name>',
    summary: 'keep an address and its key; the key is asked for, or read from standard input',
    examples: [
      'profiles add production --url https://millrace.example.com',
      'profiles add production --url https://millrace.example.com --key-stdin < key.txt',
    ],
    options: [
      new Option('--url <url>', 'address of the server').makeOptionMandatory(),
      new Option('--key-stdin', 'read the key from standard input'),
      new Option('--replace', 'take the place of a profile of that name'),
    ],
  });
  command.action(async (name: string, { url, keyStdin = false, replace = false }: AddOptions) => {
    if (!PROFILE_NAME.test(name))
      throw wrongUsage('A name has letters, digits, dots, dashes and underscores, at most 63.');
    const file = await readProfiles(path());
    if (Object.hasOwn(file.profiles, name) && !replace) {
      throw new ClientError(`There is a profile ${name} already: add --replace, or choose another name.`);
    }
    if (!keyStdin && !terminal.interactive) throw wrongUsage('Nobody can be asked for the key here: add --key-stdin.');
    const key = keyStdin ? await terminal.readInput() : await terminal.ask(`Key for ${url}: `, { hidden: true });
    const source = { urlFrom: '--url', keyFrom: keyStdin ? 'standard input' : 'you' };
    const chosen = await chooseConnection([{ ...source, read: () => Promise.resolve({ url, key }) }]);
    const profiles = { ...file.profiles, [name]: { url: chosen.url, key: chosen.key } };
    await writeProfiles(path(), { ...file, profiles });
    terminal.note(`The profile ${name} is kept in ${path()}. Try it: ./millrace me --profile ${name}`);
  });
}

interface AddOptions {
  url: string;
  keyStdin?: boolean;
  replace?: boolean;
}

function addList(group: Command, { terminal }: Surroundings, path: () => string): void {
  const command = addDescribed(group, {
    usage: 'list',
    summary: 'list the profiles',
    examples: ['profiles list'],
  });
  command.action(async () => {
    const { profiles, current } = await readProfiles(path());
    const rows = Object.entries(profiles).map(([name, profile]) => ({ name, current: name === current, ...profile }));
    if (rows.length === 0) return terminal.note('There are none: ./millrace profiles add --help');
    terminal.print(tableOf(COLUMNS, rows));
  });
}

function addUse(group: Command, { terminal }: Surroundings, path: () => string): void {
  const command = addDescribed(group, {
    usage: 'use [name]',
    summary: 'use a profile where nothing else is said; without a name, none',
    examples: ['profiles use production', 'profiles use'],
  });
  command.action(async (name: string | undefined) => {
    const { profiles, ...file } = await readProfiles(path());
    if (name !== undefined) namedProfile({ profiles }, name);
    const { current: _, ...rest } = file;
    await writeProfiles(path(), { ...rest, ...(name !== undefined && { current: name }), profiles });
    terminal.note(name === undefined ? 'No profile is in use now.' : `The profile ${name} is in use now.`);
  });
}

function addRemove(group: Command, { terminal }: Surroundings, path: () => string): void {
  const command = addDescribed(group, {
    usage: 'remove <name>',
    summary: 'forget a profile; the key itself stays valid',
    examples: ['profiles remove production'],
  });
  command.action(async (name: string) => {
    const file = await readProfiles(path());
    namedProfile(file, name);
    const profiles = Object.fromEntries(Object.entries(file.profiles).filter(([each]) => each !== name));
    const current = file.current === undefined || file.current === name ? {} : { current: file.current };
    await writeProfiles(path(), { ...current, profiles });
    terminal.note(`The profile ${name} is removed.`);
  });
}
