import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface LockedPackage {
  version?: string;
  os?: string[];
  cpu?: string[];
}

/** The packages that a folder's package.json and package-lock.json pin, n8n among them. */
export class PinnedPackages {
  /** The files that an install is made from. */
  static readonly files = ['package.json', 'package-lock.json', '.npmrc'];

  /** The folders of the packages that this machine gets, relative to the install. */
  readonly wanted: string[];

  private readonly packages: Record<string, LockedPackage>;

  /** @param folder where the files are */
  constructor(private readonly folder: string) {
    this.packages = JSON.parse(this.read('package-lock.json')).packages;
    this.wanted = Object.entries(this.packages)
      .filter(([, { os, cpu }]) => fits(os, process.platform) && fits(cpu, process.arch))
      .map(([path]) => path)
      .filter((path) => path !== '');
  }

  /** The name of an install. Another one results from other files or another kind of machine. */
  get key(): string {
    const hash = createHash('sha256');
    for (const file of PinnedPackages.files) hash.update(this.read(file));
    const machine = `${process.platform}-${process.arch}`;
    return `n8n-${this.version('n8n')}-${machine}-${hash.digest('hex').slice(0, 12)}`;
  }

  /** The pinned version of a package, or `?` if it isn't pinned. */
  version(name: string): string {
    return this.packages[`node_modules/${name}`]?.version ?? '?';
  }

  /** Whether a package is pinned. */
  has(name: string): boolean {
    return this.packages[`node_modules/${name}`] !== undefined;
  }

  /** How many of the wanted packages are unpacked in the folder `install` by now. */
  countPresent(install: string): number {
    return this.wanted.filter((path) => existsSync(join(install, path, 'package.json'))).length;
  }

  private read(file: string): string {
    return readFileSync(join(this.folder, file), 'utf8');
  }
}

/** npm's rule: `list` has the names that are meant, or, as `!name`, those that aren't. */
function fits(list: string[] | undefined, value: string): boolean {
  if (!list?.length) return true;
  if (list.includes(`!${value}`)) return false;
  return list.includes(value) || list.every((name) => name.startsWith('!'));
}
