/** What each kind of project may depend on; the kind is the `type:` tag in its project.json. */
const DIRECTIONS = {
  'type:app': ['type:adapter', 'type:domain', 'type:contract', 'type:platform'],
  'type:adapter': ['type:domain', 'type:contract', 'type:platform'],
  'type:domain': ['type:domain', 'type:contract'],
  'type:contract': ['type:contract'],
  'type:platform': ['type:platform'],
  'type:testing': ['type:adapter', 'type:domain', 'type:contract', 'type:platform'],
};

function moduleBoundaries({ alsoAllowed, alsoImported }) {
  const depConstraints = Object.entries(DIRECTIONS).map(([sourceTag, targets]) => ({
    sourceTag,
    onlyDependOnLibsWithTags: [...targets, ...alsoAllowed],
  }));
  return [
    'error',
    {
      // `testing` builds on adapters, whose specs use it in turn; no production code is in that circle.
      ignoredCircularDependencies: DIRECTIONS['type:testing'].map((tag) => ['testing', `tag:${tag}`]),
      allow: alsoImported,
      depConstraints,
    },
  ];
}

/** Direction of imports in production code. */
export const boundaries = moduleBoundaries({ alsoAllowed: [], alsoImported: [] });
/** Direction of imports in specs, which may use libs/testing and run the scripts in tools/ too. */
export const boundariesOfSpecs = moduleBoundaries({
  alsoAllowed: ['type:testing'],
  alsoImported: ['^(../)+tools/[a-z-]+.mjs$'],
});
/** Direction of imports in tests of the whole, which put apps together. */
export const boundariesOfTheWhole = moduleBoundaries({
  alsoAllowed: ['type:testing'],
  alsoImported: ['^(../)+tools/[a-z-]+.mjs$', '^(../)+(api|runner)/src/[a-z/-]+.js$'],
});
