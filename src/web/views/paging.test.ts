import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressOfPage, cutPage, pageNumber, pagingOf } from './paging.ts'

test('a list is cut in pages, and a page beyond the last is the last', () => {
  assert.deepEqual(cutPage(1, 0), { page: 1, pages: 1, start: 0, end: 50 })
  assert.deepEqual(cutPage(1, 50), { page: 1, pages: 1, start: 0, end: 50 })
  assert.deepEqual(cutPage(2, 51), { page: 2, pages: 2, start: 50, end: 100 })
  assert.deepEqual(cutPage(9, 51), { page: 2, pages: 2, start: 50, end: 100 })
  assert.deepEqual(cutPage(3, 25, 10), { page: 3, pages: 3, start: 20, end: 30 })
})

test('links lead to the first page, to those around this one and to the last', () => {
  const numbers = (page: number, pages: number) =>
    pagingOf({ page, pages }, String).numbers.map(({ number }) => number)
  assert.deepEqual(numbers(1, 1), [1])
  assert.deepEqual(numbers(1, 2), [1, 2])
  assert.deepEqual(numbers(4, 9), [1, 2, 3, 4, 5, 6, 7, undefined, 9])
  assert.deepEqual(numbers(7000, 14000), [
    ...[1, undefined, 6997, 6998, 6999, 7000, 7001, 7002, 7003, undefined, 14000],
  ])
})

test('the first page has the address of the list itself', () => {
  const { previous, next, numbers } = pagingOf({ page: 2, pages: 3 }, addressOfPage('/ada/dev'))
  assert.equal(previous, '/ada/dev')
  assert.equal(next, '/ada/dev?page=3')
  assert.equal(numbers[1]?.address, '/ada/dev?page=2')
  assert.equal(addressOfPage('/+search?query=boat')(2), '/+search?query=boat&page=2')
})

test('what is no number of a page is the first', () => {
  for (const text of ['', '0', '-1', '1.5', 'two', '9999999999']) {
    assert.equal(pageNumber(new URLSearchParams({ page: text })), 1, text)
  }
  assert.equal(pageNumber(new URLSearchParams({ page: '12' })), 12)
})
