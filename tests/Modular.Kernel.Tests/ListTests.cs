namespace Modular.Kernel.Tests;

public sealed class ListTests
{
    [Fact]
    public async Task Pages_are_one_state_in_key_order_while_others_write()
    {
        await using var kernel = await TestKernel.StartAsync();
        var names = Enumerable.Range(0, 400).Select(i => $"w-{i:000}").ToList();
        foreach (var name in names)
        {
            await kernel.CreateNamedAsync(name);
        }

        var seen = new List<string>();
        var options = new ListOptions { Limit = 17 };
        var first = await kernel.ListAsync(options);
        var page = first;
        while (true)
        {
            seen.AddRange(page.Items.Select(o => o.Metadata.Name));
            Assert.Equal(first.Revision, page.Revision);
            Assert.Equal(page.Continue.Length == 0 ? null : 400 - seen.Count, page.RemainingItemCount);
            if (page.Continue.Length == 0)
            {
                break;
            }

            await kernel.DeleteAsync(names[seen.Count % 17 + 17]);
            await kernel.CreateNamedAsync(names[seen.Count % 17 + 17]);
            await kernel.CreateNamedAsync($"x-{seen.Count}");
            page = await kernel.ListAsync(options with { Continue = page.Continue });
        }

        Assert.Equal(names, seen);
    }

    [Fact]
    public async Task An_expired_page_offers_to_go_on_at_a_newer_revision()
    {
        await using var kernel = await TestKernel.StartAsync();
        foreach (var name in "abcdef")
        {
            await kernel.CreateNamedAsync($"{name}");
        }

        var first = await kernel.ListAsync(new ListOptions { Limit = 2 });
        await kernel.DeleteAsync("d");
        await kernel.CreateNamedAsync("g");
        await kernel.Store.CompactAsync((await kernel.GetAsync("g")).Revision, TestContext.Current.CancellationToken);
        Assert.Equal(6, (await kernel.ListAsync()).Items.Count); // From here on the cache has left the first page's state.
        var expired = await Assert.ThrowsAsync<ApiException>(
            async () => await kernel.ListAsync(new ListOptions { Limit = 2, Continue = first.Continue }));
        var rest = await kernel.ListAsync(new ListOptions { Limit = 2, Continue = expired.Status.Continue });
        await kernel.CreateNamedAsync("h");
        var last = await kernel.ListAsync(new ListOptions { Limit = 2, Continue = rest.Continue });

        Assert.Equal(410, expired.Status.Code);
        Assert.Equal(StatusReason.Expired, expired.Reason);
        Assert.Equal(["c", "e"], rest.Items.Select(o => o.Metadata.Name));
        Assert.True(rest.Revision > first.Revision);
        Assert.Equal(["f", "g"], last.Items.Select(o => o.Metadata.Name));
        Assert.Equal(rest.Revision, last.Revision);
        Assert.Empty(last.Continue);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task A_page_of_one_namespace_does_not_go_on_in_another(int limit)
    {
        await using var kernel = await TestKernel.StartAsync();
        await kernel.CreateNamedAsync("a");
        await kernel.CreateNamedAsync("b");
        await kernel.CreateNamedAsync("c", "kube-system");
        var first = await kernel.ListAsync(new ListOptions { Limit = 1 });

        var refused = await Assert.ThrowsAsync<ApiException>(
            async () => await kernel.ListAsync(new ListOptions { Limit = limit, Continue = first.Continue }, "kube-system"));

        Assert.Equal(StatusReason.BadRequest, refused.Reason);
    }

    public static TheoryData<string, string, string> Selections => new()
    {
        { "app=a", "", "w0 w2" },
        { "app in (a,b),!tier", "", "w0 w1" },
        { "app!=a", "", "w1 w3" },
        { "", "metadata.name=w1", "w1" },
        { "", "spec.node=n1", "w1 w2" },
        { "app=a", "spec.node=n1", "w2" },
        { "", "spec.node!=n1", "w0 w3" },
        { "", "status.phase=New", "w0 w1 w2 w3" },
        { "app=zzz", "", "" },
    };

    [Theory]
    [MemberData(nameof(Selections))]
    public async Task Selectors_narrow(string labels, string fields, string expected)
    {
        await using var kernel = await TestKernel.StartAsync();
        await kernel.CreateAsync("""{"metadata":{"name":"w0","labels":{"app":"a"}}}""");
        await kernel.CreateAsync("""{"metadata":{"name":"w1","labels":{"app":"b"}},"spec":{"node":"n1"}}""");
        await kernel.CreateAsync("""{"metadata":{"name":"w2","labels":{"app":"a","tier":"x"}},"spec":{"node":"n1"}}""");
        await kernel.CreateAsync("""{"metadata":{"name":"w3"}}""");
        await kernel.CreateAsync("""{"metadata":{"name":"w9","labels":{"app":"a"}},"spec":{"node":"n1"}}""", "kube-system");

        var list = await kernel.ListAsync(new ListOptions { LabelSelector = labels, FieldSelector = fields });
        var paged = new List<string>();
        var page = new ListOptions { LabelSelector = labels, FieldSelector = fields, Limit = 1 };
        do
        {
            var part = await kernel.ListAsync(page);
            paged.AddRange(part.Items.Select(o => o.Metadata.Name));
            page = page with { Continue = part.Continue };
        }
        while (page.Continue.Length > 0);

        Assert.Equal(expected, string.Join(' ', list.Items.Select(o => o.Metadata.Name)));
        Assert.Equal(expected, string.Join(' ', paged));
    }

    public static TheoryData<string, string, int, string, int> WrongParameters => new()
    {
        { "abc", "", 0, "", 400 },
        { "", "Exact", 0, "", 422 },
        { "0", "Exact", 0, "", 422 },
        { "1", "Sometimes", 0, "", 422 },
        { "999999", "", 0, "", 504 },
        { "", "", 1, "not-a-token", 400 },
    };

    [Theory]
    [MemberData(nameof(WrongParameters))]
    public async Task Wrong_parameters_are_refused(string revision, string match, int limit, string token, int code)
    {
        await using var kernel = await TestKernel.StartAsync();

        var error = await Assert.ThrowsAsync<ApiException>(async () => await kernel.ListAsync(new ListOptions
        {
            ResourceVersion = revision,
            ResourceVersionMatch = match,
            Limit = limit,
            Continue = token,
        }));

        Assert.Equal(code, error.Status.Code);
    }

    [Fact]
    public async Task An_unknown_field_is_refused()
    {
        await using var kernel = await TestKernel.StartAsync();

        var error = await Assert.ThrowsAsync<ApiException>(
            async () => await kernel.ListAsync(new ListOptions { FieldSelector = "spec.color=red" }));

        Assert.Equal("field label not supported: spec.color", error.Message);
    }

    [Fact]
    public async Task An_exact_revision_is_read_from_the_past()
    {
        await using var kernel = await TestKernel.StartAsync();
        var a = await kernel.CreateNamedAsync("a");
        await kernel.CreateNamedAsync("b");
        await kernel.DeleteAsync("a");

        var past = await kernel.ListAsync(new ListOptions { ResourceVersion = $"{a.Revision}", ResourceVersionMatch = "Exact" });

        Assert.Equal("a", Assert.Single(past.Items).Metadata.Name);
        Assert.Equal(a.Revision, past.Revision);
    }
}
