"""The back office: people, organisations, and who is what in which. No figures, no trails.

Nothing is deleted in it: people are switched off and memberships end. Nobody gives themselves a
role or changes their own.
"""

from typing import Any, ClassVar

from django import forms
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db.models import DateTimeField
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.sites import UnfoldAdminSite
from unfold.widgets import UnfoldAdminTextInputWidget

from techflow_service.clock import now
from techflow_service.platform.models import Membership, Organisation, Person
from techflow_service.platform.office_words import choices, name_register, teach_library, word
from techflow_service.platform.pages import failures
from techflow_service.platform.roles import Role


class Office(UnfoldAdminSite):
    """Open to an administrator who signs in with a second factor."""

    def has_permission(self, request: Any) -> bool:
        """Whether the person wears the administrator's hat and has a second factor."""
        return _administers(request) and _has_second_factor(request.user)

    def login(self, request: Any, extra_context: Any = None) -> HttpResponse:
        """The one sign-in of the platform, with its limits on guessing and its second factor."""
        if not request.user.is_authenticated:
            asked = urlencode({"next": reverse("admin:index")})
            return HttpResponseRedirect(f"{reverse('account_login')}?{asked}")
        if _administers(request):
            return HttpResponseRedirect(reverse("mfa_activate_totp"))
        return failures.forbidden(request)

    def password_change(self, request: Any, extra_context: Any = None) -> HttpResponse:
        """The one page where people change their own password."""
        return HttpResponseRedirect(reverse("account_change_password"))


def _administers(request: Any) -> bool:
    return request.membership is not None and request.membership.role == Role.ADMINISTRATOR


def _has_second_factor(person: Any) -> bool:
    from allauth.mfa.utils import is_mfa_enabled

    return bool(is_mfa_enabled(person))


def filter_of(field: str, area: str, model: Any) -> type[admin.SimpleListFilter]:
    """A filter whose choices are told in words.

    Args:
        field: The field.
        area: First half of the keys of its words.
        model: Its model.
    """

    class Told(admin.SimpleListFilter):
        title, parameter_name = word(f"office.{field}"), field

        def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
            return choices(area, (code for code, _ in model._meta.get_field(field).choices))

        def queryset(self, request: Any, queryset: Any) -> Any:
            return queryset.filter(**{field: self.value()}) if self.value() else queryset

    return Told


def kept(field: str) -> Any:
    """A column whose values stay as they are in both languages: names.

    Args:
        field: The field.
    """

    def tell(one: Any) -> Any:
        return format_html('<span translate="no">{}</span>', getattr(one, field))

    return admin.display(description=word(f"office.{field}"), ordering=field)(tell)


class Moment(UnfoldAdminTextInputWidget):
    """Day and time in one field that the browser itself helps to fill."""

    input_type = "datetime-local"

    def format_value(self, value: Any) -> Any:
        """As the browser reads it."""
        return f"{value:%Y-%m-%dT%H:%M}" if hasattr(value, "strftime") else value


class Register(ModelAdmin):
    """A register whose entries are added and changed, never deleted."""

    formfield_overrides: ClassVar = {
        DateTimeField: {"form_class": forms.DateTimeField, "widget": Moment}
    }

    def formfield_for_choice_field(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Codes are told in words."""
        codes = [code for code, _ in db_field.choices]
        kwargs["choices"] = [("", "---"), *choices(db_field.name, codes)]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def has_module_permission(self, request: Any) -> bool:
        """The office as a whole is open or closed."""
        return OFFICE.has_permission(request)

    def has_view_permission(self, request: Any, obj: Any = None) -> bool:
        """As the office."""
        return OFFICE.has_permission(request)

    def has_add_permission(self, request: Any) -> bool:
        """As the office."""
        return OFFICE.has_permission(request)

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        """As the office."""
        return OFFICE.has_permission(request)

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        """Never: what was, stays in the trail."""
        return False


class GivenPassword(AdminPasswordChangeForm):
    """A password that an administrator gives: its person must choose another."""

    def save(self, commit: bool = True) -> Any:
        """Keep it, and when it was given."""
        self.user.password_given_at = now()
        return super().save(commit)


class People(Register, UserAdmin):
    """People who sign in."""

    form, add_form = UserChangeForm, UserCreationForm
    change_password_form = GivenPassword
    readonly_fields = ("new_password",)
    fieldsets = ((None, {"fields": ("username", "new_password", "shown_name", "language")}),
                 (None, {"fields": ("is_active",)}))  # fmt: skip
    add_fieldsets = (
        (None, {"fields": ("username", "shown_name", "language", "password1", "password2")}),
    )
    list_display = (kept("username"), kept("shown_name"), "is_active", "last_login")
    list_filter = ("is_active",)
    search_fields = ("username", "shown_name")
    filter_horizontal = ()

    @admin.display(description=word("office.password"))
    def new_password(self, one: Person) -> Any:
        """Where a new one is given; nothing of the old one is shown."""
        return format_html(
            '<a class="text-primary-600 underline" href="../password/">{}</a>',
            word("office.new_password"),
        )

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        """Keep a person; the password of a new one is given by another."""
        if not change:
            obj.password_given_at = now()
        super().save_model(request, obj, form, change)


class Organisations(Register):
    """Organisations."""

    list_display = (kept("name_zh"), kept("name_en"), "told_kind", "region_code")
    list_filter = (filter_of("kind", "kind", Organisation),)
    search_fields = ("name_zh", "name_en")

    @admin.display(description=word("office.kind"), ordering="kind")
    def told_kind(self, one: Organisation) -> Any:
        """The kind in words."""
        return word(f"kind.{one.kind}")


class Memberships(Register):
    """Who is what in which organisation. One that is there changes by its authority and its end."""

    list_display = (
        kept("person"),
        kept("org"),
        "told_role",
        "told_authority",
        "since_at",
        "ended_at",
    )
    list_filter = (filter_of("role", "role", Membership),)
    search_fields = ("person__username", "person__shown_name", "org__name_zh")
    autocomplete_fields = ("person", "org")

    @admin.display(description=word("office.role"), ordering="role")
    def told_role(self, one: Membership) -> Any:
        """The role in words."""
        return word(f"role.{one.role}")

    @admin.display(description=word("office.authority_cny"), ordering="authority_cny")
    def told_authority(self, one: Membership) -> Any:
        """The sum with commas."""
        return one.authority_cny and f"{one.authority_cny:,.2f}"

    def get_readonly_fields(self, request: Any, obj: Any = None) -> tuple[str, ...]:
        """Another role or organisation is another membership."""
        return ("person", "org", "told_role") if obj else ()

    def get_fields(self, request: Any, obj: Any = None) -> tuple[str, ...]:
        """One that begins has no end yet."""
        told = ("person", "org", "told_role" if obj else "role", "authority_cny")
        return (*told, "ended_at") if obj else told

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        """As the office, but nobody changes their own membership."""
        own = obj is not None and obj.person_id == request.user.pk
        return not own and super().has_change_permission(request, obj)

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Nobody gives a role to themselves."""
        if db_field.name == "person":
            kwargs["queryset"] = Person.objects.exclude(pk=request.user.pk)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


OFFICE = Office(name="admin")
OFFICE.index_title = word("office.title")
apps.get_app_config("platform").verbose_name = word("office.platform")
name_register(Person, "office.person", "office.people")
name_register(Organisation, "office.organisation", "office.organisations")
name_register(Membership, "office.membership", "office.memberships")
teach_library()
OFFICE.register(Person, People)
OFFICE.register(Organisation, Organisations)
OFFICE.register(Membership, Memberships)
