(() => { 'use strict'; })();
