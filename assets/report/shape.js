// Checks that an object read from JSON has exactly the members it should, each of its type.

import { refuseUnless } from "./refused.js";

export const isString = (value) => typeof value === "string";
export const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
export const isCount = (value) => Number.isSafeInteger(value) && value >= 0;
export const isListOf = (check) => (value) => Array.isArray(value) && value.every(check);

export function refuseUnlessShaped(value, shape, what) {
  refuseUnless(isObject(value), "shape", `${what} is not an object`);
  for (const name of Object.keys(value)) {
    refuseUnless(Object.hasOwn(shape, name), "shape", `${what} has a name that is not known`);
  }
  for (const [name, check] of Object.entries(shape)) {
    refuseUnless(Object.hasOwn(value, name), "shape", `${what} lacks “${name}”`);
    refuseUnless(check(value[name]), "shape", `“${name}” of ${what} is not of its type`);
  }
}

// Ids of members and desks, as the keyring gives them and letters repeat them.
export const isId = (value) => isString(value) && /^[a-z][a-z0-9-]{1,30}$/.test(value);
export const isSortedIds = (value) => isListOf(isId)(value) && value.every((id, at) => at === 0 || value[at - 1] < id);
