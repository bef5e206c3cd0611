namespace Modular.Kernel;

/// <summary>Answers lists from the caches, and from the store's history where a revision has passed there.</summary>
internal sealed class ListReader(WatchCaches caches, StoreAdapter store)
{
    private const int StorePage = 500;

    /// <summary>Reads a page.</summary>
    public async ValueTask<ListResult> ReadAsync(RequestTarget target, ListOptions options, CancellationToken cancellationToken)
    {
        ListParameters.DemandList(options);
        var selector = ObjectSelector.Parse(target, options.LabelSelector, options.FieldSelector);
        if (options.Continue.Length > 0)
        {
            return await ContinueAsync(target, selector, options, cancellationToken).ConfigureAwait(false);
        }

        var revision = ListParameters.Revision(options.ResourceVersion);
        if (ListParameters.WantsExact(options, revision))
        {
            return await ReadAtAsync(target, selector, revision!.Value, "", options.Limit, cancellationToken).ConfigureAwait(false);
        }

        await WaitAsync(revision, cancellationToken).ConfigureAwait(false);
        return ToResult(target.Cache.List(selector, "", options.Limit));
    }

    private ValueTask WaitAsync(long? revision, CancellationToken cancellationToken) => revision switch
    {
        null => caches.WaitForCurrentAsync(cancellationToken),
        0 => ValueTask.CompletedTask,
        _ => caches.WaitForAsync(revision.Value, cancellationToken),
    };

    private async ValueTask<ListResult> ContinueAsync(
        RequestTarget target, ObjectSelector selector, ListOptions options, CancellationToken cancellationToken)
    {
        var token = ContinueToken.Parse(options.Continue);
        DemandWithin(target.Request.Namespace, token);
        if (token.Revision == 0)
        {
            await caches.WaitForCurrentAsync(cancellationToken).ConfigureAwait(false);
            return ToResult(target.Cache.List(selector, token.Key, options.Limit));
        }

        return await ReadAtAsync(target, selector, token.Revision, token.Key, options.Limit, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A token comes from the client, who may not be allowed to list what lies between its key and the namespace.</summary>
    private static void DemandWithin(string ns, ContinueToken token)
    {
        var isWithin = token.Key.Length > ns.Length && token.Key[ns.Length] == '/' && token.Key.StartsWith(ns, StringComparison.Ordinal);
        if (ns.Length > 0 && !isWithin)
        {
            throw RequestErrors.Bad("continue key is not valid: it belongs to another list");
        }
    }

    /// <summary>A page as of exactly one revision.</summary>
    private async ValueTask<ListResult> ReadAtAsync(
        RequestTarget target, ObjectSelector selector, long revision, string after, int limit, CancellationToken cancellationToken)
    {
        await caches.WaitForAsync(revision, cancellationToken).ConfigureAwait(false);
        if (target.Cache.IsStateOf(revision))
        {
            var page = target.Cache.List(selector, after, limit);
            if (target.Cache.IsStateOf(revision))
            {
                return ToResult(page with { Revision = revision });
            }
        }

        return ToResult(await ReadStoreAsync(target, selector, revision, after, limit, cancellationToken).ConfigureAwait(false));
    }

    private async ValueTask<CachePage> ReadStoreAsync(
        RequestTarget target, ObjectSelector selector, long revision, string after, int limit, CancellationToken cancellationToken)
    {
        var cache = target.Cache;
        var prefix = cache.Prefix + (selector.Namespace.Length > 0 ? selector.Namespace + "/" : "");
        var from = after.Length > 0 ? Behind(cache.Prefix + after) : prefix;
        var items = new List<ApiObject>();
        var last = "";
        while (true)
        {
            var range = await RangeAsync(from, prefix, revision, limit, after, cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < range.Entries.Count; i++)
            {
                var entry = range.Entries[i];
                var item = cache.ToCached(entry.Key, entry.Value, entry.ModRevision);
                if (!selector.Matches(item))
                {
                    continue;
                }

                if (limit > 0 && items.Count == limit)
                {
                    return new CachePage(items, revision, last);
                }

                items.Add(item.Object);
                last = item.Key;
            }

            var rest = range.Count - range.Entries.Count;
            if (rest <= 0)
            {
                return new CachePage(items, revision);
            }

            if (limit > 0 && items.Count == limit && selector.TakesWholeNamespace)
            {
                return new CachePage(items, revision, last, rest);
            }

            from = Behind(range.Entries[^1].Key);
        }
    }

    private async ValueTask<RangeResult> RangeAsync(
        string from, string prefix, long revision, int limit, string after, CancellationToken cancellationToken)
    {
        var request = new RangeRequest
        {
            From = from,
            To = StorageKeys.After(prefix),
            Revision = revision,
            Limit = limit > 0 ? limit : StorePage,
        };
        var range = await store.RangeAsync(request, cancellationToken).ConfigureAwait(false);
        return range.Outcome switch
        {
            RangeOutcome.Found => range,
            RangeOutcome.Future => throw WatchCaches.TooLarge(revision, range.Revision),
            _ => throw Expired(after),
        };
    }

    /// <summary>The first key that can follow another: keys are printable, and nothing printable is smaller than an exclamation mark.</summary>
    private static string Behind(string key) => key + "!";

    private static ApiException Expired(string after) => new(after.Length == 0
        ? new ApiStatus(StatusReason.Expired, "The resourceVersion for the provided list is too old.")
        : new ApiStatus(
            StatusReason.Expired,
            "The provided continue parameter is too old for a consistent list. Start a new list without it, or go on with the continue token "
            + "of this answer: what then follows is as of a newer resourceVersion than what came before.")
        {
            Continue = new ContinueToken(0, after).ToString(),
        });

    private static ListResult ToResult(CachePage page) => new()
    {
        Items = page.Items,
        Revision = page.Revision,
        Continue = page.LastKey.Length > 0 ? new ContinueToken(page.Revision, page.LastKey).ToString() : "",
        RemainingItemCount = page.Remaining,
    };
}
