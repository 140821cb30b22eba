import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { tableTests } from '../testing/table-tests.ts'
import { createStatements } from './ddl.ts'
import { subscriber } from './schema.ts'

tableTests(async () => {
  const dir = await mkdtemp(path.join(tmpdir(), 'signalbox-tables-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  return { kind: 'sqlite', file: path.join(dir, 'x.db') }
})

test('one list, two dialects', () => {
  expect(createStatements(subscriber, 'sqlite')).toHaveLength(3)
  expect(createStatements(subscriber, 'mysql')).toEqual([
    `create table \`subscriber\` (
  \`id\` int unsigned not null auto_increment primary key,
  \`username\` varchar(64) default '' not null,
  \`domain\` varchar(64) default '' not null,
  \`password\` varchar(64) default '' not null,
  \`ha1\` varchar(128) default '' not null,
  \`ha1b\` varchar(128) default '' not null,
  unique key \`account_idx\` (\`username\`, \`domain\`),
  key \`username_idx\` (\`username\`)
)`,
  ])
})
