#!/usr/bin/env node
import { create } from '@signalbox/cli/create'

process.exit(await create(process.argv.slice(2)))
