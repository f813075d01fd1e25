<?php
// SPDX-License-Identifier: ISC
declare(strict_types=1);

/*
 * Asks nixie, by HTTP, whom not to mail. Copy this file into your program.
 *
 *     $nixie = new Nixie('unix:///run/nixie/http.sock', away: 'closed');
 *     if (!$nixie->check('ann@example.com', attempt: true)['suppressed'])
 *         mail(...);
 *
 * When nixie is away, or cannot answer, check and checkMany do as `away` says:
 * 'open' mails all the same, 'closed' mails nobody, 'throw' throws NixieError,
 * as what records does always. It is recorded when the method returns. What each
 * answer holds is in nixie's openapi.json.
 */

/** It could not be done: the code is 0 when there was no answer, else the status
 * of HTTP; $problem is what nixie said (RFC 9457). */
class NixieError extends RuntimeException
{
    public function __construct(int $status, public readonly array $problem)
    {
        parent::__construct($problem['detail'] ?? $problem['title'] ?? "status $status", $status);
    }
}

/** Forget the copy, and begin again without a cursor. */
final class NixieCursorTooOld extends NixieError
{
}

final class Nixie
{
    private const AT_ONCE = 1000; // addresses that nixie takes in one request

    /** @param string $url unix:///run/nixie/http.sock, tcp://127.0.0.1:8025, or
     * tls://nixie.example.com:443
     * @param ?string $token its secret, where one is wanted
     * @param float $timeout seconds in all for one request
     * @param array $tls options of a stream context, as cafile */
    public function __construct(
        private readonly string $url,
        private readonly string $away,
        private readonly ?string $token = null,
        private readonly float $timeout = 3.0,
        private readonly array $tls = []
    ) {
        if (!in_array($away, ['open', 'closed', 'throw'], true)) {
            throw new InvalidArgumentException("away is 'open', 'closed' or 'throw'");
        }
    }

    // --- who may be mailed ---------------------------------------------------

    /** suppressed, class, reason and until. $attempt: mail is about to be sent
     * there, which is recorded when it is suppressed. */
    public function check(string $address, ?string $stream = null, bool $attempt = false): array
    {
        return $this->checkMany([$address], $stream, $attempt)[0];
    }

    /** The same for each, in their order. What is no address has 'error' and is
     * suppressed. */
    public function checkMany(array $addresses, ?string $stream = null, bool $attempt = false): array
    {
        $results = [];
        foreach (array_chunk($addresses, self::AT_ONCE) as $some) {
            array_push($results, ...$this->checkSome($some, $stream, $attempt));
        }
        return $results;
    }

    private function checkSome(array $addresses, ?string $stream, bool $attempt): array
    {
        $body = ['addresses' => $addresses, 'attempt' => $attempt];
        if ($stream !== null) {
            $body['stream'] = $stream;
        }
        try {
            $results = $this->ask('POST', '/v1/check', [], $body)['results'];
            if (count($results) !== count($addresses)) {
                throw new NixieError(0, ['detail' => 'not an answer for each']);
            }
        } catch (NixieError $error) {
            $status = $error->getCode();
            if ($this->away === 'throw' || ($status >= 400 && $status < 500)) {
                throw $error; // our own mistake: to ask again does not help
            }
            return array_map(fn (string $one): array => [
                'address' => $one, 'suppressed' => $this->away === 'closed',
                'class' => '', 'reason' => 'nixie is away', 'until' => null,
            ], $addresses);
        }
        return array_map(fn (array $one): array => $one + ['suppressed' => true], $results);
    }

    // --- the list ------------------------------------------------------------

    /** $more: class, reason, stream. Returns the entry. */
    public function suppress(string $address, string $note, array $more = []): array
    {
        return $this->ask('PUT', self::path($address), [], ['note' => $note] + $more);
    }

    /** True when nothing suppresses it any more; for complaint, unsubscribe and
     * manual the class must be named. */
    public function release(string $address, string $class, string $note, ?string $stream = null): bool
    {
        $query = ['class' => $class, 'note' => $note, 'stream' => $stream];
        try {
            return $this->ask('DELETE', self::path($address), $query)['left'] === [];
        } catch (NixieError $error) {
            if (($error->problem['type'] ?? '') === 'urn:nixie:problem:not-suppressed') {
                return true;
            }
            throw $error;
        }
    }

    /** Yields cursor => changes until nothing is left: keep the cursor with the
     * copy that you change, and go on with it later. Throws NixieCursorTooOld. */
    public function changes(?string $cursor = null): Generator
    {
        while (true) {
            $query = ['cursor' => $cursor, 'limit' => self::AT_ONCE];
            $page = $this->ask('GET', '/v1/changes', $query);
            if ($page['items'] === []) {
                return;
            }
            $cursor = $page['next'];
            yield $cursor => $page['items'];
        }
    }

    // --- what happened to mail -----------------------------------------------

    /** Mail was delivered there. */
    public function delivered(array $addresses): void
    {
        foreach (array_chunk($addresses, self::AT_ONCE) as $some) {
            $this->ask('POST', '/v1/delivered', [], ['addresses' => $some]);
        }
    }

    /** Mail was sent: message_id, recipient, stream and time of each, or stream,
     * domain, count, from and to. */
    public function sent(array $messages = [], array $counts = []): void
    {
        foreach (['messages' => $messages, 'counts' => $counts] as $name => $items) {
            foreach (array_chunk($items, self::AT_ONCE) as $some) {
                $this->ask('POST', '/v1/sent', [], [$name => $some]);
            }
        }
    }

    // -------------------------------------------------------------------------

    private static function path(string $address): string
    {
        return '/v1/suppressions/' . rawurlencode($address);
    }

    private function ask(string $method, string $path, array $query = [], ?array $body = null): array
    {
        $query = http_build_query($query, '', '&', PHP_QUERY_RFC3986); // without what is null
        [$status, $answer] = $this->exchange(
            $method . ' ' . $path . ($query === '' ? '' : "?$query"),
            $body === null ? null : json_encode($body, JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE)
        );
        if ($status === 200) {
            return $answer;
        }
        throw $status === 410 ? new NixieCursorTooOld($status, $answer) : new NixieError($status, $answer);
    }

    /** HTTP/1.0: a connection each, and no chunks. */
    private function exchange(string $request, ?string $body): array
    {
        $end = microtime(true) + $this->timeout;
        $host = str_starts_with($this->url, 'unix:') ? 'localhost' : parse_url($this->url, PHP_URL_HOST);
        $text = "$request HTTP/1.0\r\nHost: $host\r\n"
            . ($this->token === null ? '' : "Authorization: Bearer $this->token\r\n")
            . ($body === null ? '' : "Content-Type: application/json\r\nContent-Length: " . strlen($body) . "\r\n")
            . "\r\n$body";
        $context = stream_context_create(['ssl' => $this->tls]);
        $stream = @stream_socket_client($this->url, $_, $why, $this->timeout, STREAM_CLIENT_CONNECT, $context);
        if ($stream === false) {
            throw new NixieError(0, ['detail' => "no answer: $why"]);
        }
        try {
            return self::read(self::converse($stream, $text, $end));
        } finally {
            fclose($stream);
        }
    }

    /** What comes back until the other side closes, or time is up. */
    private static function converse($stream, string $text, float $end): string
    {
        stream_set_blocking($stream, false);
        $answer = '';
        while (!feof($stream) && ($left = $end - microtime(true)) > 0) {
            $reads = [$stream];
            $writes = $text === '' ? [] : [$stream];
            $none = [];
            stream_select($reads, $writes, $none, 0, (int) ($left * 1e6) + 1);
            if ($writes !== []) {
                $text = substr($text, (int) @fwrite($stream, $text));
            }
            $answer .= stream_get_contents($stream);
        }
        return feof($stream) ? $answer : '';
    }

    private static function read(string $answer): array
    {
        [$head, $body] = explode("\r\n\r\n", $answer, 2) + ['', ''];
        $value = json_decode($body, true);
        if (!preg_match('{^HTTP/1\.[01] (\d{3})}', $head, $found) || !is_array($value)) {
            throw new NixieError(0, ['detail' => 'no answer: it was not whole']);
        }
        return [(int) $found[1], $value];
    }
}
