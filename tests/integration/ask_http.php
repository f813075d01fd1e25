<?php
// SPDX-License-Identifier: ISC
// ask_http.php CLIENTS URL SECRET SILENT [CA]: contrib/clients/nixie.php against a
// daemon; nobody answers at unix://SILENT.
declare(strict_types=1);

set_error_handler(function (int $kind, string $text, string $file, int $line): bool {
    if (error_reporting() & $kind) {
        throw new ErrorException($text, 0, $kind, $file, $line);
    }
    return true;
});
[, $clients, $url, $secret, $silent] = $argv;
$tls = isset($argv[5]) ? ['cafile' => $argv[5]] : [];
require "$clients/nixie.php";

function same(mixed $one, mixed $other): void
{
    if ($one !== $other) {
        throw new Exception(json_encode($one) . ' is not ' . json_encode($other));
    }
}

function refused(callable $call, int $status): NixieError
{
    try {
        $call();
    } catch (NixieError $error) {
        same($error->getCode(), $status);
        return $error;
    }
    throw new Exception('it was not refused');
}

$one = new Nixie($url, away: 'throw', token: $secret, tls: $tls);

// who may be mailed
same($one->check('gone@example.com', attempt: true)['reason'], 'unknown-user');
same($one->check('php@example.com')['suppressed'], false);
$many = array_map(fn (int $i): string => "n$i@example.com", range(0, 1000));
array_push($many, 'gone@example.com', 'none');
$results = $one->checkMany($many, 'newsletter');
same(array_column($results, 'address'), $many);
same(array_column($results, 'suppressed'), array_merge(array_fill(0, 1001, false), [true, true]));

// the list
$copy = [];
$cursor = null;
$follow = function () use ($one, &$copy, &$cursor): void {
    foreach ($one->changes($cursor) as $cursor => $changes) {
        foreach ($changes as $change) {
            $key = "$change[id] $change[holds_for] $change[stream] $change[by_hand]";
            unset($copy[$key]);
            if ($change['state'] !== null) {
                $copy[$key] = $change['address'];
            }
        }
    }
};
$follow();
same(in_array('gone@example.com', $copy, true), true);
same($one->suppress('php@example.com', 'a test', ['class' => 'unsubscribe'])['who'], 'shop');
same($one->suppress('ö/?#@example.com', 'a test')['suppressed'], true);
same($one->check('php@example.com')['class'], 'unsubscribe');
$follow();
same(in_array('php@example.com', $copy, true), true);
same($one->release('php@example.com', 'hard', 'a test'), false);
same($one->release('php@example.com', 'unsubscribe', 'a test & more + so on'), true);
same($one->release('php@example.com', 'unsubscribe', 'a test'), true);
$follow();
same(in_array('php@example.com', $copy, true), false);
same(iterator_to_array($one->changes($cursor)), []);

// what happened to mail
$one->delivered(['php@example.com']);
$one->sent(messages: [['message_id' => '<php@example.org>', 'recipient' => 'php@example.com',
    'time' => '2026-01-01T00:00:00Z']]);
$one->sent(counts: [['domain' => 'example.com', 'count' => 3,
    'from' => '2026-01-01T00:00:00Z', 'to' => '2026-01-01T01:00:00Z']]);

// our mistakes are told, whatever is said of nixie being away
foreach (['open', 'closed'] as $away) {
    $wrong = new Nixie($url, $away, 'wrong', tls: $tls);
    refused(fn () => $wrong->check('php@example.com'), 401);
}
same(refused(fn () => $one->delivered(['none']), 400)->problem['field'], 'addresses[0]');
refused(fn () => iterator_to_array($one->changes('?')), 400);

// away: nobody is there, or says nothing
foreach (["unix://$silent", "unix://$silent.none"] as $where) {
    $begin = microtime(true);
    $at = fn (string $away): Nixie => new Nixie($where, $away, $secret, 0.3);
    same($at('open')->check('gone@example.com')['suppressed'], false);
    same($at('closed')->check('php@example.com')['suppressed'], true);
    refused(fn () => $at('throw')->check('php@example.com'), 0);
    refused(fn () => $at('open')->delivered(['php@example.com']), 0);
    same(microtime(true) - $begin < 5, true);
}
