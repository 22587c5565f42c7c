// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import fs from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import { SetupError } from './errors.ts';

/** Installed beside this file, or in the source tree. */
const places = ['protocol', '../../data/protocol'];

export type Family =
  'client-requests' | 'client-notifications' | 'server-requests' | 'server-notifications';
type Part = 'data' | 'response';

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false });
const methods = new Map<Family, Set<string>>();

function load(): void {
  const directory = places
    .map((place) => path.join(import.meta.dirname, place))
    .find((place) => fs.existsSync(path.join(place, 'common.schema.json')));

  if (directory === undefined)
    throw new SetupError('The protocol schemas are missing: the installation is not complete.');

  for (const file of fs.readdirSync(directory).filter((name) => name.endsWith('.schema.json'))) {
    const schema = JSON.parse(fs.readFileSync(path.join(directory, file), 'utf8'));

    ajv.addSchema(schema);
    methods.set(file.replace('.schema.json', '') as Family, new Set(Object.keys(schema.$defs)));
  }
}

load();

/** The methods that the contract knows in @family. */
export function methodsOf(family: Family): ReadonlySet<string> {
  return methods.get(family) ?? new Set();
}

function compiled(reference: string): ValidateFunction {
  const validate = ajv.getSchema(reference);

  if (!validate) throw new Error(`no schema ${reference}`);

  return validate;
}

function complaint(validate: ValidateFunction): string {
  const error = validate.errors?.[0];
  const where = error?.instancePath || '/';
  const extra = error?.params?.['additionalProperty'];

  return `${where} ${error?.message ?? 'is wrong'}${extra ? ` (${String(extra)})` : ''}`;
}

/** Says what is wrong with @data, with a JSON pointer first; undefined when it fits. */
export function complain(
  family: Family,
  method: string,
  part: Part,
  data: unknown,
): string | undefined {
  const validate = compiled(`tutti:protocol/${family}#/$defs/${method}/$defs/${part}`);

  return validate(data) ? undefined : complaint(validate);
}

/** Says what is wrong with a whole frame; undefined when it is a protoo frame. */
export function complainFrame(frame: unknown): string | undefined {
  const validate = compiled('tutti:protocol/frame');

  return validate(frame) ? undefined : complaint(validate);
}

/** Compiles every client schema now, so that the first musician does not wait for it. */
export function compileAll(): void {
  compiled('tutti:protocol/frame');
  for (const method of methodsOf('client-requests'))
    compiled(`tutti:protocol/client-requests#/$defs/${method}/$defs/data`);
  for (const method of methodsOf('client-notifications'))
    compiled(`tutti:protocol/client-notifications#/$defs/${method}/$defs/data`);
}

/** Says what is wrong with @value as one of the parts in common.schema.json. */
export function complainPart(part: string, value: unknown): string | undefined {
  const validate = compiled(`tutti:protocol/common#/$defs/${part}`);

  return validate(value) ? undefined : complaint(validate);
}
